/* What the page does by itself: times on the viewer's clock, uploads, dialogs, the report's height.
   Everything else is htmx. No value of the server is ever written as HTML here. */
"use strict";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const FULL = new Intl.DateTimeFormat(undefined, {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

function tellTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([data-told])")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = `${time.textContent} (shown for ${ZONE})`;
    time.textContent = (time.dataset.show === "clock" ? CLOCK : FULL).format(at);
    time.dataset.told = "";
  }
}

function sayUpload(form, sentence, isBad) {
  const said = form.querySelector("[data-said]");
  said.textContent = sentence;
  said.classList.toggle("wrong-text", Boolean(isBad));
}

function upload(form, file) {
  const most = Number(form.dataset.most);
  if (file.size > most) {
    sayUpload(form, `${file.name} is larger than ${Math.floor(most / 1048576)} MiB. Split it into several files.`, true);
    return;
  }
  const bar = form.querySelector("progress");
  const request = new XMLHttpRequest();
  const query = new URLSearchParams({ name: file.name });
  for (const field of form.querySelectorAll("[name]")) query.set(field.name, field.value);
  request.open("POST", `${form.dataset.upload}?${query}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.hidden = false;
    bar.value = event.loaded / event.total;
    sayUpload(form, `Uploading ${file.name}: ${Math.round(100 * bar.value)} %`);
  });
  request.addEventListener("load", () => {
    let told = {};
    try { told = JSON.parse(request.responseText); } catch { /* no JSON: an error in between */ }
    if (request.status === 200 && told.next) { window.location.assign(told.next); return; }
    bar.hidden = true;
    sayUpload(form, told.detail || `The upload was refused (${request.status}).`, true);
  });
  request.addEventListener("error", () => {
    bar.hidden = true;
    sayUpload(form, "The upload broke off. Choose the file again; if it is very large, split it.", true);
  });
  sayUpload(form, `Uploading ${file.name}`);
  request.send(file);
}

function readyUploads(root) {
  for (const form of root.querySelectorAll("[data-upload]:not([data-ready])")) {
    form.dataset.ready = "";
    const input = form.querySelector("input[type=file]");
    const take = () => { if (input.files.length) upload(form, input.files[0]); input.value = ""; };
    input.addEventListener("change", take);
    for (const name of ["dragenter", "dragover"]) {
      form.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("over"); });
    }
    for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("over"));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) upload(form, event.dataTransfer.files[0]);
    });
    take(); // what was chosen before this script was there
  }
}

function fitFrames(root) {
  for (const frame of root.querySelectorAll("iframe[data-fits]:not([data-ready])")) {
    frame.dataset.ready = "";
    const fit = () => {
      const page = frame.contentDocument && frame.contentDocument.documentElement;
      if (page) frame.height = String(page.scrollHeight + 4);
    };
    frame.addEventListener("load", fit);
    window.addEventListener("resize", fit);
    fit();
  }
}

/* What was typed, or kept by the browser, before the page's scripts were there counts like what is typed after. */
function tellTyped() {
  for (const field of document.querySelectorAll("input")) {
    if (field.value !== field.defaultValue) field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/* What is offered beside a field of lines becomes one of them, once. */
function addLine(field, line) {
  const lines = field.value.split("\n").map((each) => each.trim()).filter(Boolean);
  if (!lines.includes(line)) field.value = [...lines, line].join("\n");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function ready(root) { tellTimes(root); readyUploads(root); fitFrames(root); }

document.addEventListener("click", (event) => {
  const button = event.target.closest("button, a");
  if (!button) return;
  if (button.dataset.opens) document.getElementById(button.dataset.opens).showModal();
  if (button.dataset.closes !== undefined) button.closest("dialog").close();
  if (button.dataset.prints) document.getElementById(button.dataset.prints).contentWindow.print();
  if (button.dataset.adds) addLine(document.getElementById(button.dataset.adds), button.dataset.line);
  if (button.dataset.copies) {
    const field = document.getElementById(button.dataset.copies);
    field.select();
    navigator.clipboard.writeText(field.value).then(() => { button.textContent = "Copied"; });
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-sends]")) event.target.form.requestSubmit();
});
document.addEventListener("htmx:afterSwap", (event) => ready(event.target.parentElement || document));
document.addEventListener("htmx:sseMessage", (event) => ready(event.target));
document.addEventListener("htmx:sseError", () => document.body.classList.add("cut-off"));
document.addEventListener("htmx:sseOpen", () => document.body.classList.remove("cut-off"));
window.addEventListener("load", tellTyped);
ready(document);
