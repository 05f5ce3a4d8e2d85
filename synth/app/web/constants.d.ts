// The types of constants.js, which synth/app/constants.py writes.
export const SEEN: number;
export const NECK: number;
export const ROOT: number;
export const TREE: [child: number, parent: number, kind: number][];
export const STATURE: number[];
export const TYPICAL: number[];
export const TYPICAL_FACE: number[];
export const MIRRORED: number[];
export const LINES_PER_HEIGHT: number;
export const LIMBS: [from: number, to: number, color: string, thin: boolean][];
export const DOTS: [joint: number, color: string][];

type Numbers<Names extends string> = Record<Names, number>;
export const CAMERA: Numbers<"WIDTH" | "HEIGHT" | "FPS" | "LONGEST" | "QUALITY">;
export const STILL: Numbers<"LONGEST" | "SMALLEST" | "MAX_LETTERS"> & { QUALITIES: number[] };
export const MEASURE: Numbers<"LEAST" | "MOST" | "LONGEST" | "BEYOND" | "DOUBT">;
export const RETARGET: Numbers<"MARGIN" | "LEAN" | "UPRIGHT"> & { BRIDGED: number[][] };
export const CALIBRATION: Numbers<"MEMORY" | "EVERY" | "SETTLE" | "LEGS_AFTER" | "LEGS_SURE" | "LEGS_HELD" | "BLEND"> & { NEAR: number[] };
export const FACING: Numbers<
  "ANGLES" | "LIVE_TURN" | "WIDTH" | "FRONT_WRONG" | "SIDE_WRONG" | "BACK_WRONG" | "OUTLIER" | "FACE_SCORE" | "FACE_WEIGHT" | "FACE_SATURATED"
  | "LIVE_INDEPENDENT" | "BACKS" | "SURE"
> & { FACE_RANGE: [low: number, high: number] };
export const SIDES: Numbers<"CLEAR" | "NEARER" | "SPREAD">;
export const STANDING: Numbers<
  "UNSURE" | "GROW" | "SHRINK" | "STAY" | "SAME" | "MOVED" | "GONE" | "SETTLE" | "WALK" | "LAND" | "LEAP" | "AIR" | "FLOOR"
> & { SIZED: number[]; HEADED: number[] };
export const STEADY: Numbers<"SLACK" | "AGREE" | "REACH" | "NECK_TURN" | "OVER" | "UPSIDE"> & { SPEED: number[] };
export const MOTION: Numbers<"FULL" | "LONGEST" | "UNSURE" | "SLOW" | "ACROSS"> & { TURNING: Record<number, [turn: number, slow: number, most: number]> };
export const SMOOTH: Numbers<"CUTOFF" | "BETA" | "HOLD" | "FADE" | "SPEED_CUTOFF">;
export const ONE_BODY: Numbers<"REACH" | "ACROSS"> & { HANGING: Record<number, number[]>; INNER: number[]; OUTER: number[] };
export const TRACKER: Numbers<
  "FEWEST" | "SURE" | "DOUBTFUL" | "SMALLEST" | "EASE" | "SPARE" | "LARGER" | "MUCH_LARGER" | "EVERY" | "AGAIN" | "HIDDEN"
>;
export const WINDOW: Numbers<"STEP" | "MARGIN" | "TRUNK" | "LEGS" | "BEYOND">;
export const MATTE: Numbers<"NOISE" | "BODY" | "CLOSED" | "CLEAR" | "SPECK" | "STEADY" | "LEAST">;
