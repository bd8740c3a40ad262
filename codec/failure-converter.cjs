// CommonJS, since the SDK loads it by require and bundles it for the workflows' sandbox.
const { DefaultFailureConverter } = require('@temporalio/common');

/** Moves messages and stack traces of failures into payloads, so that the codec encrypts them too. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
