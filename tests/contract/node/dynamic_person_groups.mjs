// What Microsoft's own tests of this client (PersonDirectory in longRunningOperation.spec) do with dynamic person
// groups, against v1.2-preview.1, whose paths the client has no types for: it judges the answers by their status.
// Prints one JSON object, test name -> steps, for the test to judge.
// usage: node dynamic_person_groups.mjs ENDPOINT KEY
import { randomUUID } from "node:crypto";
import createClient, { getLongRunningPoller } from "@azure-rest/ai-vision-face";
import { AzureKeyCredential } from "@azure/core-auth";

const [endpoint, key] = process.argv.slice(2);
const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 }, apiVersion: "v1.2-preview.1" };
const client = createClient(endpoint, new AzureKeyCredential(key), options);
const groupOf = (id) => client.path("/dynamicpersongroups/{dynamicPersonGroupId}", id);

async function ended(response) {
  const poller = await getLongRunningPoller(client, response);
  await poller.pollUntilDone();
  return { status: response.status, ended: poller.getOperationState().status };
}

async function deleted(id) {
  return ended(await groupOf(id).delete());
}

async function person() {
  const response = await client.path("/persons").post({ body: { name: "test" } });
  return { response, id: response.body.personId };
}

async function createDynamicPersonGroup() {
  const id = randomUUID();
  const created = await groupOf(id).put({ body: { name: id } });
  return { created: { status: created.status }, deleted: await deleted(id) };
}

async function updateDynamicPersonGroup() {
  const id = randomUUID();
  await groupOf(id).put({ body: { name: id } });
  const updated = await groupOf(id).patch({ body: { name: "foo" } });
  return { updated: { status: updated.status }, deleted: await deleted(id) };
}

// The group gets its person before anybody has waited for the person's creation.
async function withPerson(change) {
  const id = randomUUID();
  const { response, id: personId } = await person();
  const changed = await change(id, personId);
  return {
    person: await ended(response),
    changed: await ended(changed),
    personDeleted: await ended(await client.path("/persons/{personId}", personId).delete()),
    deleted: await deleted(id),
  };
}

async function createDynamicPersonGroupWithPerson() {
  return withPerson((id, personId) => groupOf(id).put({ body: { name: id, addPersonIds: [personId] } }));
}

async function updateDynamicPersonGroupWithPersonChange() {
  return withPerson(async (id, personId) => {
    await groupOf(id).put({ body: { name: id } });
    return groupOf(id).patch({ body: { addPersonIds: [personId] } });
  });
}

const tests = {
  CreateDynamicPersonGroup: createDynamicPersonGroup,
  CreateDynamicPersonGroupWithPerson: createDynamicPersonGroupWithPerson,
  UpdateDynamicPersonGroup: updateDynamicPersonGroup,
  UpdateDynamicPersonGroupWithPersonChange: updateDynamicPersonGroupWithPersonChange,
};
const steps = await Promise.all(Object.entries(tests).map(async ([name, test]) => [name, await test()]));
console.log(JSON.stringify(Object.fromEntries(steps)));
