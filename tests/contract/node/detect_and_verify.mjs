// Detects two pictures sent as bytes and one given by URL, verifies pairs, and provokes two errors, with the official
// client. Prints one JSON object for the test to judge.
// usage: node detect_and_verify.mjs ENDPOINT KEY PICTURE SAME_PERSON OTHER_PERSON_URL
import { readFile } from "node:fs/promises";
import createClient, { isUnexpected } from "@azure-rest/ai-vision-face";
import { AzureKeyCredential } from "@azure/core-auth";

const [endpoint, key, picture, samePerson, otherPersonUrl] = process.argv.slice(2);
const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
const client = createClient(endpoint, new AzureKeyCredential(key), options);
const queryParameters = {
  detectionModel: "detection_03",
  recognitionModel: "recognition_04",
  returnFaceId: true,
  returnFaceLandmarks: true,
  returnRecognitionModel: true,
  faceIdTimeToLive: 120,
};

function sorted(response) {
  return { unexpected: isUnexpected(response), status: response.status, body: response.body };
}

async function detectFile(path) {
  const body = await readFile(path);
  return sorted(
    await client.path("/detect").post({ contentType: "application/octet-stream", queryParameters, body }),
  );
}

async function detectUrl(url) {
  const body = { url };
  return sorted(await client.path("/detect").post({ contentType: "application/json", queryParameters, body }));
}

async function verify(one, other) {
  const body = { faceId1: one.body[0].faceId, faceId2: other.body[0].faceId };
  return sorted(await client.path("/verify").post({ body }));
}

const first = await detectFile(picture);
const second = await detectFile(samePerson);
const third = await detectUrl(otherPersonUrl);
const unknown = { body: [{ faceId: "00000000-0000-4000-8000-000000000000" }] };
const stranger = createClient(endpoint, new AzureKeyCredential("not-the-key"), options);
console.log(
  JSON.stringify({
    first,
    second,
    third,
    same: await verify(first, second),
    different: await verify(first, third),
    unknown: await verify(first, unknown),
    denied: sorted(await stranger.path("/verify").post({ body: { faceId1: "x", faceId2: "y" } })),
  }),
);
