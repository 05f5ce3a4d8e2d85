// Draws a body as synth/pixels/body/skeleton.py does, from the same table of limbs, at any size.
import { DOTS, LIMBS, LINES_PER_HEIGHT } from "../constants.js";
import { isSeen, withMiddles } from "./body.js";

/** @import { Pose } from "./body.js" */

// What OpenCV's smooth edges add to a line's width and a dot's radius, in pixels.
const EDGE = 1.3, DOT_EDGE = 0.3;

/**
 * Draws the limbs of a pose over what a canvas shows.
 * @param {CanvasRenderingContext2D} context
 * @param {Pose} pose
 * @param {number[]} scale from the pose's pixels to the canvas's, across and down
 * @param {number} [thick] width of a limb in pixels
 * @param {number} [edge] what is added to every width
 */
export function drawLimbs(context, pose, scale, thick = Math.max(1, context.canvas.height / LINES_PER_HEIGHT), edge = 0) {
  const joints = withMiddles(pose);
  context.lineCap = "round";
  for (const [from, to, color, thin] of LIMBS) {
    if (!isSeen(joints[from]) || !isSeen(joints[to])) continue;
    context.strokeStyle = color;
    context.lineWidth = edge + (thin ? Math.max(1, Math.floor(thick / 2)) : thick);
    context.beginPath();
    context.moveTo(joints[from][0] * scale[0], joints[from][1] * scale[1]);
    context.lineTo(joints[to][0] * scale[0], joints[to][1] * scale[1]);
    context.stroke();
  }
}

/**
 * Draws the skeleton that a network takes as its input: limbs and, on faces, dots on black, as near to OpenCV's lines
 * as a canvas comes.
 * @param {HTMLCanvasElement} canvas
 * @param {Pose} pose
 * @param {number} side the side in pixels of the image that the pose is in
 */
export function drawSkeleton(canvas, pose, side) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const scale = canvas.width / side, thick = Math.max(1, Math.round(canvas.height / LINES_PER_HEIGHT));
  context.fillStyle = "black";
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawLimbs(context, pose, [scale, scale], thick, EDGE);
  for (const [at, color] of DOTS) {
    if (!isSeen(pose[at])) continue;
    context.fillStyle = color;
    context.beginPath();
    context.arc(pose[at][0] * scale, pose[at][1] * scale, thick * 0.45 + DOT_EDGE, 0, 2 * Math.PI);
    context.fill();
  }
}
