/** What the page loads only for people who are asked for a deposit. */
export { DepositDialog } from "./components/deposit-dialog.js";
