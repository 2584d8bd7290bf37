// Says on a job's own page when the job moves on.
import { announce, upgrade } from "./dom.js";

let state = "";
upgrade("#job[data-words]", (job) => {
  if (state && state !== job.dataset.state) announce(job.dataset.words);
  ({ state } = job.dataset);
});
