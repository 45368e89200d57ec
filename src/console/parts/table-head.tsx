interface Props {
  columns: readonly string[];
  /** Whether the rows end with buttons. */
  hasActions?: boolean;
}

/** The names of a table's columns. */
export function TableHead({ columns, hasActions = false }: Props) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column} scope="col">
            {column}
          </th>
        ))}
        {hasActions && (
          <th scope="col">
            <span class="unseen">Actions</span>
          </th>
        )}
      </tr>
    </thead>
  );
}
