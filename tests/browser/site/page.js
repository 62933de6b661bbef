// What an owner's page does, and what tests ask of it.

import "{service}/liveness/ui/FaceLivenessDetector.js";

const states = [];
document.addEventListener("statechange", ({ detail }) => states.push([detail.state, detail.code]));

const plain = ({ livenessError, recognitionError, message }) => ({ livenessError, recognitionError, message });

window.check = {
  states,
  outcome: null,
  start(token, properties) {
    const element =
      document.querySelector("azure-ai-vision-face-ui") ?? document.createElement("azure-ai-vision-face-ui");
    document.querySelector("main").append(element);
    Object.assign(element, properties);
    const promised = element.start(token);
    window.check.outcome = promised.then((success) => ({ success }), (error) => ({ error: plain(error) }));
  },
};
