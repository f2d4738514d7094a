import { createHash } from 'node:crypto';

/** The few parts of RFC 6455 that the development server needs: text frames of a browser, ping answered, close. */
export function accept(request, socket, { onText, onClose }) {
  const key = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
  );
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let frame = take(); frame; frame = take()) {
      if (frame.opcode === 1) onText(frame.payload.toString());
      else if (frame.opcode === 8) socket.end();
      else if (frame.opcode === 9) socket.write(encode(10, frame.payload));
    }
  });
  socket.on('close', onClose);
  socket.on('error', onClose);

  function take() {
    if (rest.length < 6) return null;
    const short = rest[1] & 127;
    const at = short === 126 ? 4 : 2;
    const length = short === 126 ? rest.readUInt16BE(2) : short;
    if (rest.length < at + 4 + length) return null;
    const mask = rest.subarray(at, at + 4);
    const payload = Buffer.from(rest.subarray(at + 4, at + 4 + length)).map((byte, i) => byte ^ mask[i % 4]);
    const opcode = rest[0] & 15;
    rest = rest.subarray(at + 4 + length);
    return { opcode, payload };
  }

  return {
    send: (object) => socket.write(encode(1, Buffer.from(JSON.stringify(object)))),
    close: (code) => socket.end(encode(8, Buffer.from([code >> 8, code & 255]))),
  };
}

function encode(opcode, payload) {
  const head = payload.length < 126 ? Buffer.from([128 | opcode, payload.length]) : Buffer.alloc(4);
  if (payload.length >= 126) {
    head[0] = 128 | opcode;
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([head, payload]);
}
