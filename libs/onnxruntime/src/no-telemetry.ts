/**
 * onnxruntime-node 1.30 keeps a device id and a queue of events for a Microsoft host in the user's cache folder (titles of
 * processes among them), and a log in the temporary folder, unless this is set when its library is loaded: this
 * module is imported before it. Processes started from here inherit it.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
