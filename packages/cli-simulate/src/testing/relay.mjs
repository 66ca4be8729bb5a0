// A predictor for tests: tells a waiting test, over a socket, which folder it was called in, and ends when that has answered.
import { connect } from "node:net";

const socket = connect(process.argv[2], () => socket.write(`${process.cwd()}\n`));
socket.on("data", (answer) => {
  process.exitCode = String(answer).startsWith("ok") ? 0 : 1;
  if (process.exitCode !== 0) process.stderr.write(String(answer));
  socket.end();
});
