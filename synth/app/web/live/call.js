// Calls the server's functions. An answer is always an object, with a sentence under `error` where something went wrong.

export const SILENT = "synth does not answer. Is it still running?";
export const REFUSED = "synth could not answer this request; its log says why. Reload the page and try again.";
export const BROKEN = "This page could not ask synth. Reload the page and try again.";

// Returns whether a server answers at all at the page's own address, with whatever status.
export async function answers() {
  try {
    await fetch(document.baseURI, { method: "HEAD", cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

// Gradio gives `undefined` both where a request failed on its way and where the server refused it, so a second request
// tells the one from the other.
export function makeCall(server, isThere = answers) {
  return async (name, data) => {
    let answer;
    try {
      answer = await server[name](data);
    } catch (error) {
      console.error("synth: " + name + " could not be called:", error);
      return { error: BROKEN };
    }
    if (answer && typeof answer === "object") return answer;
    const error = (await isThere()) ? REFUSED : SILENT;
    console.error("synth: " + name + " gave no answer (" + answer + "): " + error);
    return { error };
  };
}
