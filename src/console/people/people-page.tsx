import { useState } from "preact/hooks";
import type { PersonRecord } from "../../../gen/satoshigle/internal/v1/people_pb.js";
import type { Clients } from "../clients.js";
import { List } from "../parts/list.js";
import { Moment } from "../parts/moment.js";
import { textIn } from "../parts/subject-or-key.js";
import { useNotice } from "../parts/use-notice.js";
import { ENOUGH_ROWS, usePages } from "../parts/use-pages.js";
import { entered, visible } from "../parts/visible.js";
import { goTo, hrefTo } from "../route.js";
import { type PersonAct, PersonButtons, PersonDialog } from "./person-acts.js";

const COLUMNS = ["Person", "First seen", "Last seen"];

/** The app's people, those who came last first, or one of them. */
export function PeoplePage({ people, query }: Pick<Clients, "people"> & { query: URLSearchParams }) {
  const subject = query.get("subject") ?? "";
  const pages = usePages<PersonRecord>(async (pageToken, signal) => {
    if (subject !== "") {
      const { person } = await people.getPerson({ subject }, { signal });
      return { rows: person ? [person] : [], nextPageToken: "" };
    }
    const page = await people.listPeople({ pageSize: ENOUGH_ROWS, pageToken }, { signal });
    return { rows: page.people, nextPageToken: page.nextPageToken };
  });
  const [asked, setAsked] = useState<{ act: PersonAct; person: PersonRecord }>();
  const { notice, say } = useNotice();
  const done = (text: string) => {
    setAsked(undefined);
    say(text);
    pages.reload();
  };
  return (
    <>
      <div class="heading">
        <h1>People</h1>
        <p class="soft">with an identity token, those who came last first</p>
      </div>
      <Search subject={subject} reload={pages.reload} />
      {notice}
      <List name="people" columns={COLUMNS} pages={pages}>
        {(person) => (
          <Row key={person.personKey} person={person} onAct={(act: PersonAct) => setAsked({ act, person })} />
        )}
      </List>
      {asked && <PersonDialog people={people} {...asked} onClose={() => setAsked(undefined)} onDone={done} />}
    </>
  );
}

function Search({ subject, reload }: { subject: string; reload: () => void }) {
  return (
    <form
      class="panel fields"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        goTo(hrefTo("people", { subject: entered(textIn(new FormData(event.currentTarget), "subject")) }), reload);
      }}
    >
      <label class="wide">
        Subject
        <input name="subject" defaultValue={visible(subject)} autocomplete="off" spellcheck={false} />
      </label>
      <div class="buttons">
        <button type="submit" class="main">
          Show
        </button>
        {subject !== "" && <a href={hrefTo("people")}>Everybody</a>}
      </div>
    </form>
  );
}

function Row({ person, onAct }: { person: PersonRecord; onAct: (act: PersonAct) => void }) {
  const { subject, personKey, firstSeenTime, lastSeenTime } = person;
  return (
    <tr data-person={personKey}>
      <th scope="row">
        <bdi>{visible(subject)}</bdi>
        <code>{personKey}</code>
        <small>
          <a href={hrefTo("sessions", { subject })}>Sessions</a> <a href={hrefTo("actions", { subject })}>Actions</a>
        </small>
      </th>
      <td data-label="First seen">
        <Moment at={firstSeenTime} />
      </td>
      <td data-label="Last seen">
        <Moment at={lastSeenTime} />
      </td>
      <td>
        <PersonButtons name={visible(subject)} onAct={onAct} />
      </td>
    </tr>
  );
}
