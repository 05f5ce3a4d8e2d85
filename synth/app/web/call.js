// What every page asks its server by: an object comes whatever happens, with a sentence under `error` if it went wrong.
const GONE = "synth does not answer. Is it still running?";

function makeCall(server) {
  return async (name, data) => {
    try {
      const answer = await server[name](data);
      return answer && typeof answer === "object" ? answer : { error: GONE };
    } catch (error) {
      return { error: GONE };
    }
  };
}
