// A provider that knows its schema and nothing else, so that the real engine can init, validate and run tests with mocks where the real
// provider can't be had. It speaks the plugin protocol, version 5, without TLS (TF_DISABLE_PLUGIN_TLS=1), makes no call, and checks no value.
//   usage: node provider.js SCHEMA.json    with STUB_NODE_MODULES naming a folder that has @grpc/grpc-js and @grpc/proto-loader
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const modules = process.env.STUB_NODE_MODULES;
const grpc = require(modules + '/@grpc/grpc-js');
const loader = require(modules + '/@grpc/proto-loader');

const definition = loader.loadSync(path.join(__dirname, 'tfplugin5.proto'), {keepCase: true, longs: Number, defaults: true});
const service = grpc.loadPackageDefinition(definition).tfplugin5.Provider.service;
const schemas = Object.values(JSON.parse(fs.readFileSync(process.argv[2])).provider_schemas)[0];
const NESTING = {single: 1, list: 2, set: 3, map: 4, group: 5};

function block(source) {
  const attributes = Object.entries(source.attributes || {}).sort().map(([name, a]) => ({
    name, type: Buffer.from(JSON.stringify(a.type)), required: !!a.required, optional: !!a.optional, computed: !!a.computed,
    sensitive: !!a.sensitive, write_only: !!a.write_only,
  }));
  const nested = Object.entries(source.block_types || {}).sort().map(([name, b]) => ({
    type_name: name, block: block(b.block), nesting: NESTING[b.nesting_mode], min_items: b.min_items || 0, max_items: b.max_items || 0,
  }));
  return {attributes, block_types: nested};
}

const schema = (source) => ({version: source.version || 0, block: block(source.block)});
const all = (sources) => Object.fromEntries(Object.entries(sources || {}).map(([name, source]) => [name, schema(source)]));
const agree = (call, answer) => answer(null, {});

const server = new grpc.Server({'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1});
server.addService(service, {
  GetSchema: (call, answer) => answer(null, {
    provider: schema(schemas.provider), resource_schemas: all(schemas.resource_schemas), data_source_schemas: all(schemas.data_source_schemas),
    // Without the second the engine fetches the whole schema again for each run of a test.
    server_capabilities: {plan_destroy: true, get_provider_schema_optional: true},
  }),
  PrepareProviderConfig: (call, answer) => answer(null, {prepared_config: call.request.config}),
  ValidateResourceTypeConfig: agree,
  ValidateDataSourceConfig: agree,
  ValidateEphemeralResourceConfig: agree,
  // OpenTofu asks for this before it destroys mocked resources; the state is always of our own version.
  UpgradeResourceState: (call, answer) => answer(null, {upgraded_state: {json: call.request.raw_state.json}}),
  Stop: agree,
});
const empty = () => Buffer.alloc(0);
server.addService({
  Shutdown: {path: '/plugin.GRPCController/Shutdown', requestStream: false, responseStream: false, requestSerialize: (x) => x,
    requestDeserialize: () => ({}), responseSerialize: empty, responseDeserialize: () => ({})},
}, {Shutdown: (call, answer) => { answer(null, {}); setTimeout(() => process.exit(0), 20); }});

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'provider-stub-'));
const socket = path.join(folder, 's');
process.on('exit', () => fs.rmSync(folder, {recursive: true, force: true}));
server.bindAsync('unix://' + socket, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) {
    console.error(error);
    process.exit(1);
  }
  process.stdout.write(`1|5|unix|${socket}|grpc|\n`);
});
