// Preloaded into Azurite by emulator.py. LokiJS uses the index of the first property that a query names, and Azurite
// names the PartitionKey first: it would look at every row of the partition to find one.
const Module = require('module');
const load = Module._load;
Module._load = function (name, ...rest) {
  const loaded = load.call(this, name, ...rest);
  if (name === 'lokijs' && !loaded.byRowKey) {
    loaded.byRowKey = true;
    const { findOne } = loaded.Collection.prototype;
    loaded.Collection.prototype.findOne = function (query) {
      return findOne.call(this, 'RowKey' in query ? { RowKey: query.RowKey, ...query } : query);
    };
  }
  return loaded;
};
