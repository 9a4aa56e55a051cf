"use strict";
const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const FRAME_MILLISECONDS = 300;
const MAX_FILE = 2 << 20;
const state = {
  numQubits: 3, mapKind: "all", pairs: new Set(), file: null, job: null, frames: null, code: {}, gates: {},
  maxMapQubits: 10, ends: null,
};

const key = (a, b) => `${Math.min(a, b)}-${Math.max(a, b)}`;

function mapPairs(kind, n) {
  const pairs = new Set();
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const near = b === a + 1 || (kind === "ring" && a === 0 && b === n - 1);
      if (kind === "all" || (kind === "star" ? a === 0 : near)) pairs.add(key(a, b));
    }
  }
  return pairs;
}

function mark(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}

function drawMap() {
  const n = state.numQubits, map = $("map"), focused = document.activeElement?.getAttribute?.("data-pair");
  map.replaceChildren();
  map.style.display = n > state.maxMapQubits ? "none" : "";
  $("map-note").textContent = n > state.maxMapQubits
    ? `${n} qubits: too many for a map; choose one of the maps beside.`
    : "Click a line to couple two qubits, or to part them.";
  for (const button of document.querySelectorAll("[data-map]")) {
    button.setAttribute("aria-pressed", button.dataset.map === state.mapKind);
  }
  if (n > state.maxMapQubits) return;
  const radius = n > 7 ? 11 : 14;
  const place = (q) => {
    const angle = (2 * Math.PI * q) / n - Math.PI / 2;
    return n === 1 ? [120, 100] : [120 + 80 * Math.cos(angle), 100 + 80 * Math.sin(angle)];
  };
  const lines = [], hits = [];
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const [x1, y1] = place(a), [x2, y2] = place(b), pair = key(a, b), on = state.pairs.has(pair);
      lines.push(mark("line", { x1, y1, x2, y2, class: on ? "on" : "" }));
      const hit = mark("line", { x1, y1, x2, y2, class: "hit", tabindex: 0, role: "switch", "data-pair": pair,
        "aria-checked": on, "aria-label": `coupling of qubits ${a} and ${b}` });
      const toggle = () => {
        state.mapKind = "chosen";
        if (!state.pairs.delete(pair)) state.pairs.add(pair);
        drawMap();
      };
      hit.addEventListener("click", toggle);
      hit.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(); }
      });
      hits.push(hit);
    }
  }
  map.append(...lines, ...hits);
  for (let q = 0; q < n; q++) {
    const [cx, cy] = place(q);
    const label = mark("text", { x: cx, y: cy });
    label.textContent = `q${q}`;
    map.append(mark("circle", { cx, cy, r: radius }), label);
  }
  if (focused) map.querySelector(`[data-pair="${focused}"]`)?.focus();
}

function setMap(kind) {
  state.mapKind = kind;
  state.pairs = state.numQubits > state.maxMapQubits ? new Set() : mapPairs(kind, state.numQubits);
  drawMap();
}

function setQubits(n) {
  if (n === state.numQubits && state.pairs.size) return;
  state.numQubits = n;
  if (![...$("qubits").options].some((option) => option.value === String(n))) $("qubits").add(new Option(String(n), String(n)));
  $("qubits").value = String(n);
  setMap(state.mapKind === "chosen" ? "all" : state.mapKind);
}

function coupling() {
  if (["all", "line", "ring"].includes(state.mapKind) || state.numQubits === 1) return state.numQubits === 1 ? "all" : state.mapKind;
  if (state.mapKind === "star") return [...mapPairs("star", state.numQubits)].join(",");
  const all = state.numQubits * (state.numQubits - 1) / 2;
  return state.pairs.size === all ? "all" : [...state.pairs].sort().join(",");
}

function status(text, isError = false) {
  $("status").textContent = text;
  $("status").className = isError ? "error" : "";
}

function target() {
  if (state.file) return { file: state.file };
  return $("named").value ? { named: $("named").value } : { text: $("text").value };
}

async function post(place, sent) {
  const answer = await fetch(place, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sent),
  });
  const body = await answer.json();
  if (body.error) throw new Error(body.error);
  return body;
}

let asking = 0;
async function understand() {
  const turn = ++asking, sent = target(), note = $("understood");
  if (!state.file && !$("named").value && !$("text").value.trim()) { note.textContent = ""; return; }
  try {
    const { num_qubits: n, coupling: named, text } = await post("/api/understood", sent);
    if (turn !== asking) return;
    note.className = "quiet";
    note.textContent = (state.file ? `${state.file.name}: ` : "") + text;
    if (n) setQubits(n);
    if (named && ["line", "ring", "all"].includes(named)) setMap(named);
  } catch (error) {
    if (turn !== asking) return;
    note.className = "error";
    note.textContent = error.message;
  }
}

async function takeFile(file) {
  if (!file) return;
  if (file.size > MAX_FILE) { status(`${file.name} has ${file.size} bytes, more than ${MAX_FILE}`, true); return; }
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  state.file = { name: file.name, data: btoa(binary) };
  $("text").value = "";
  $("named").value = "";
  understand();
}

async function run(event) {
  event.preventDefault();
  for (const id of ["denoising", "found", "code", "others", "improvements"]) $(id).hidden = true;
  $("history").tBodies[0].replaceChildren();
  state.frames = null;
  status("sending…");
  $("run").disabled = true;
  try {
    const { job } = await post("/api/jobs", { ...target(), gate_set: $("gates").value, coupling: coupling(),
      effort: $("effort").value, seconds: Number($("seconds").value) });
    state.job = job;
    $("stop").disabled = false;
    follow(job);
  } catch (error) {
    $("run").disabled = false;
    status(error.message, true);
  }
}

function follow(job) {
  const source = new EventSource(`/api/jobs/${job}/events`);
  const done = () => {
    source.close();
    state.ends = null;
    $("run").disabled = false;
    $("stop").disabled = true;
  };
  source.onerror = () => { done(); status("the server does not answer any more", true); };
  source.onmessage = (message) => {
    const event = JSON.parse(message.data);
    if (event.kind === "queued") status(event.ahead ? `waiting: ${event.ahead} before this one` : "waiting");
    else if (event.kind === "stage") showStage(event);
    else if (event.kind === "frames") showFrames(event);
    else if (event.kind === "candidate") showCandidate(event);
    else if (event.kind === "result") { showResult(event); done(); }
    else if (event.kind === "error") { status(event.message, true); done(); }
  };
}

function showStage(event) {
  state.stage = event.text;
  state.ends = event.seconds ? performance.now() + 1000 * event.seconds : null;
  tick();
}

function tick() {
  if (state.ends === null) { if (state.stage) status(`${state.stage}…`); return; }
  const left = Math.max(0, Math.ceil((state.ends - performance.now()) / 1000));
  status(`${state.stage}… ${left} s left at most`);
}
setInterval(() => { if (state.ends !== null) tick(); }, 500);

function showFrames(event) {
  state.frames = event;
  $("model").textContent = event.model;
  $("denoising").hidden = false;
  $("step").max = String(event.frames.length - 1);
  let step = 0;
  const next = () => {
    if (state.frames !== event || step >= event.frames.length) return;
    showFrame(step++);
    setTimeout(next, FRAME_MILLISECONDS);
  };
  next();
}

function showFrame(step) {
  $("step").value = String(step);
  $("step-label").textContent = state.frames.captions[step];
  $("frame").innerHTML = state.frames.frames[step];
}

function showCircuit(svg) {
  $("found").hidden = false;
  $("circuit").innerHTML = svg;
  if (!svg) $("circuit").textContent = "Too large to draw, or not made of gates alone; the code below has it.";
}

function showCandidate(event) {
  $("improvements").hidden = false;
  const row = $("history").tBodies[0].insertRow();
  for (const value of [event.seconds.toFixed(2), event.source, event.two_qubit_count]) row.insertCell().textContent = value;
  showCircuit(event.svg);
  $("figures").textContent = `${event.two_qubit_count} two-qubit gates so far, found by ${event.source}`;
}

function showResult(event) {
  showCircuit(event.svg);
  $("figures").textContent = event.figures;
  state.code = event.code;
  $("languages").replaceChildren(...Object.keys(event.code).map((name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => showCode(name));
    return button;
  }));
  $("code").hidden = false;
  showCode(Object.keys(event.code)[0]);
  $("others").hidden = !event.others?.length;
  $("other-circuits").replaceChildren(...(event.others ?? []).map((svg) => {
    const box = document.createElement("div");
    box.className = "scroll";
    box.innerHTML = svg;
    return box;
  }));
  status(event.status);
}

function showCode(name) {
  $("shown").textContent = state.code[name];
  for (const button of $("languages").children) button.setAttribute("aria-pressed", button.textContent === name);
  const link = $("download");
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([state.code[name]], { type: "text/plain" }));
  link.download = name.startsWith("OpenQASM") ? "circuit.qasm" : `circuit_${name.toLowerCase()}.py`;
}

function showGates() {
  $("gate-names").textContent = state.gates[$("gates").value] ?? "u, cx for a target; for a prompt what it says";
}

async function begin() {
  const offered = await (await fetch("/api/choices")).json();
  state.gates = offered.gate_sets;
  state.maxMapQubits = offered.max_map_qubits;
  $("seconds").max = offered.max_seconds;
  $("gates").add(new Option("default", ""));
  for (const name of Object.keys(offered.gate_sets)) $("gates").add(new Option(name, name));
  for (const { name } of offered.targets) $("named").add(new Option(name, name));
  for (let n = 1; n <= offered.max_map_qubits; n++) $("qubits").add(new Option(String(n), String(n)));
  setQubits(3);
  showGates();
}

let typing;
$("job").addEventListener("submit", run);
$("stop").addEventListener("click", () => fetch(`/api/jobs/${state.job}/cancel`, { method: "POST" }));
$("qubits").addEventListener("change", () => setQubits(Number($("qubits").value)));
$("gates").addEventListener("change", showGates);
$("named").addEventListener("change", () => { state.file = null; $("text").value = ""; $("file").value = ""; understand(); });
$("text").addEventListener("input", () => {
  state.file = null;
  $("named").value = "";
  $("file").value = "";
  clearTimeout(typing);
  typing = setTimeout(understand, 400);
});
$("file").addEventListener("change", () => takeFile($("file").files[0]));
$("step").addEventListener("input", () => { const shown = state.frames; state.frames = { ...shown }; showFrame(Number($("step").value)); });
for (const button of document.querySelectorAll("[data-map]")) {
  button.addEventListener("click", () => setMap(button.dataset.map));
}
for (const button of document.querySelectorAll(".example")) {
  button.addEventListener("click", () => {
    $("text").value = button.textContent;
    $("text").dispatchEvent(new Event("input"));
  });
}
$("copy").addEventListener("click", () => navigator.clipboard?.writeText($("shown").textContent));
$("text").addEventListener("dragover", (event) => { event.preventDefault(); $("text").classList.add("over"); });
$("text").addEventListener("dragleave", () => $("text").classList.remove("over"));
$("text").addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) { $("text").classList.remove("over"); return; }
  event.preventDefault();
  $("text").classList.remove("over");
  takeFile(event.dataTransfer.files[0]);
});
begin();
