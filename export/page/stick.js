// Draws a body as synth/pixels/body/skeleton.py does, as near to OpenCV's lines as a canvas comes.
import { DOTS, LIMBS } from "./anatomy.js";
import { isSeen, withMiddles } from "./body.js";

// What OpenCV's smooth edges add to a line's width and a dot's radius.
const EDGE = 1.3, DOT_EDGE = 0.3;

// Limbs and, on faces, dots on black; `side` is the side in pixels of the picture that `pose` is in.
export function drawStick(canvas, pose, side) {
  const context = canvas.getContext("2d", { willReadFrequently: true }), joints = withMiddles(pose);
  const scale = canvas.width / side, thick = Math.max(1, Math.round(canvas.height / 64));
  context.fillStyle = "black";
  context.fillRect(0, 0, canvas.width, canvas.height);
  lines(context, joints, scale, thick);
  for (const [at, color] of DOTS) {
    if (!isSeen(joints[at])) continue;
    context.fillStyle = color;
    context.beginPath();
    context.arc(joints[at][0] * scale, joints[at][1] * scale, thick * 0.45 + DOT_EDGE, 0, 2 * Math.PI);
    context.fill();
  }
}

export function lines(context, joints, scale, thick) {
  context.lineCap = "round";
  for (const [from, to, color, thin] of LIMBS) {
    if (!isSeen(joints[from]) || !isSeen(joints[to])) continue;
    context.strokeStyle = color;
    context.lineWidth = EDGE + (thin ? Math.max(1, thick >> 1) : thick);
    context.beginPath();
    context.moveTo(joints[from][0] * scale, joints[from][1] * scale);
    context.lineTo(joints[to][0] * scale, joints[to][1] * scale);
    context.stroke();
  }
}
