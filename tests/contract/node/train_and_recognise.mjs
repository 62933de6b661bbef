// Enrols pictures in a large person group and a large face list, trains both with the client's poller, identifies the
// faces of a group photo, finds similar ones, and provokes errors. Prints one JSON object for the test to judge.
// usage: node train_and_recognise.mjs ENDPOINT KEY GROUP_PHOTO PICTURE...
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import createClient, { getLongRunningPoller, isUnexpected } from "@azure-rest/ai-vision-face";
import { AzureKeyCredential } from "@azure/core-auth";

const [endpoint, key, groupPhoto, ...pictures] = process.argv.slice(2);
const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
const client = createClient(endpoint, new AzureKeyCredential(key), options);
const models = { detectionModel: "detection_03", recognitionModel: "recognition_04" };
const GROUP = "/largepersongroups/{largePersonGroupId}";
const LIST = "/largefacelists/{largeFaceListId}";

function sorted(response) {
  return { unexpected: isUnexpected(response), status: response.status, body: response.body };
}

function expected(response) {
  if (isUnexpected(response)) {
    const { method, url } = response.request;
    throw new Error(`${method} ${url}: ${response.status} ${JSON.stringify(response.body)}`);
  }
  return response.body;
}

async function octets(path) {
  const queryParameters = { detectionModel: models.detectionModel };
  return { contentType: "application/octet-stream", queryParameters, body: await readFile(path) };
}

async function detect(path) {
  const request = await octets(path);
  request.queryParameters = { ...models, returnFaceId: true };
  return expected(await client.path("/detect").post(request)).map((face) => face.faceId);
}

async function create(path, id) {
  const body = { name: "made for a test", recognitionModel: models.recognitionModel };
  return client.path(path, id).put({ body });
}

async function train(path, id) {
  const started = await client.path(`${path}/train`, id).post();
  const poller = await getLongRunningPoller(client, started);
  const ended = await poller.pollUntilDone();
  return {
    started: sorted(started),
    ended: ended.body,
    state: poller.getOperationState().status,
    status: sorted(await client.path(`${path}/training`, id).get()),
  };
}

async function filledGroup() {
  const id = randomUUID();
  expected(await create(GROUP, id));
  const persons = [];
  for (const picture of pictures) {
    const { personId } = expected(await client.path(`${GROUP}/persons`, id).post({ body: { name: "somebody" } }));
    const faces = client.path(`${GROUP}/persons/{personId}/persistedfaces`, id, personId);
    expected(await faces.post(await octets(picture)));
    persons.push(personId);
  }
  return { id, persons };
}

async function filledList() {
  const id = randomUUID();
  expected(await create(LIST, id));
  const faces = [];
  for (const picture of pictures) {
    const added = expected(await client.path(`${LIST}/persistedfaces`, id).post(await octets(picture)));
    faces.push(added.persistedFaceId);
  }
  return { id, faces };
}

const group = await filledGroup();
const list = await filledList();
const faceIds = await detect(groupPhoto);
const [faceId] = await detect(pictures[0]);
const identify = (body) => client.path("/identify").post({ body });
const findSimilar = (body) => client.path("/findsimilars").post({ body });
const early = {
  identify: sorted(await identify({ faceIds, largePersonGroupId: group.id })),
  findSimilar: sorted(await findSimilar({ faceId, largeFaceListId: list.id })),
  training: sorted(await client.path(`${GROUP}/training`, group.id).get()),
};
const [trainedGroup, trainedList] = await Promise.all([train(GROUP, group.id), train(LIST, list.id)]);
const answers = {
  persons: group.persons,
  faces: list.faces,
  faceIds,
  early,
  trained: { group: trainedGroup, list: trainedList },
  identified: sorted(await identify({ faceIds, largePersonGroupId: group.id })),
  similar: sorted(await findSimilar({ faceId, largeFaceListId: list.id })),
  similarFaces: sorted(await findSimilar({ faceId, faceIds, mode: "matchFace" })),
  exists: sorted(await create(GROUP, group.id)),
  deleted: sorted(await client.path(GROUP, group.id).delete()),
  gone: sorted(await client.path(GROUP, group.id).get()),
  badId: sorted(await create(LIST, "a b ü")),
};
console.log(JSON.stringify(answers));
