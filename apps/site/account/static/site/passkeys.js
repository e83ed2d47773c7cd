// Passkeys: forms that carry what the browser needs, and send what it makes of that.

const publicKey = window.PublicKeyCredential;
const knows = publicKey?.parseCreationOptionsFromJSON && publicKey.parseRequestOptionsFromJSON;

const make = {
  add: (options) => navigator.credentials.create({ publicKey: publicKey.parseCreationOptionsFromJSON(options) }),
  show: (options, more) => navigator.credentials.get({ publicKey: publicKey.parseRequestOptionsFromJSON(options), ...more }),
};

let isSent = false; // a challenge is good once
const send = (form, credential) => {
  if (isSent) return;
  isSent = true;
  form.elements.passkey.value = JSON.stringify(credential.toJSON());
  form.submit();
};

const SAID = { InvalidStateError: "known", SecurityError: "nameless" }; // browsers know passkeys by the host's name only

// Told beside the button; who only closed the browser's question hears nothing.
const tell = (form, error) => {
  if (error.name === "NotAllowedError" || error.name === "AbortError") return;
  const note = form.querySelector("[data-failed]");
  note.textContent = note.dataset[SAID[error.name] ?? "failed"];
  note.hidden = false;
};

let waiting; // the browser's own suggestions, beside the field for the address
const prepare = async (form) => {
  const options = JSON.parse(form.dataset.options);
  const asked = make[form.dataset.passkey];
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSent) return;
    waiting?.abort();
    try {
      send(form, await asked(options));
    } catch (error) {
      tell(form, error);
    }
  });
  if ("suggest" in form.dataset && (await publicKey.isConditionalMediationAvailable?.())) {
    waiting = new AbortController();
    asked(options, { mediation: "conditional", signal: waiting.signal }).then((each) => send(form, each), () => {});
  }
};

const prepareAll = () => knows && document.querySelectorAll("form[data-passkey]").forEach(prepare);
document.addEventListener("replaced", prepareAll); // an order's page puts what is new in the place of the old
prepareAll();
