/** What the page loads only for people who are banned. */
export { banOf } from "@satoshigle/client/appeals";
export { AppealDialog } from "./components/appeal-dialog.js";
