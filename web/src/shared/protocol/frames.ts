/** The frames of `anonchat.v1`; the server and this file read the same `tests/fixtures/protocol`. */
import type { Message, Room } from "../api/client";
import type { ErrorCode } from "../api/problem";

export type ClientFrame =
  | { type: "send"; id: string; message: string; reply_to?: number }
  | { type: "edit"; id: string; seq: number; message: string }
  | { type: "delete"; id: string; seq: number }
  | { type: "typing" }
  | { type: "read"; seq: number }
  | { type: "auth"; token: string }
  | { type: "ping"; t: number };

/** Who the reader is in this room. */
export interface You {
  client_id: string;
  client_name: string;
  is_host: boolean;
}

export interface EditEvent {
  type: "edit";
  seq: number;
  target: number;
  at: number;
  client_id: string;
  client_name: string;
  message: string;
}

export interface DeleteEvent {
  type: "delete";
  seq: number;
  target: number;
  at: number;
  client_id: string;
  client_name: string;
}

/** What has a place in the room's sequence. */
export type RoomEvent = Message | EditEvent | DeleteEvent;

export interface Welcome {
  type: "welcome";
  room: Room;
  you: You;
  head: number;
  epoch: string;
  build: string;
  server_time: number;
  heartbeat_in: number;
}

export interface CommandError {
  type: "error";
  code: ErrorCode;
  message: string;
  id?: string;
  retry_after?: number;
}

export type ServerFrame =
  | Welcome
  | RoomEvent
  | { type: "ack"; id: string; seq: number; at: number }
  | { type: "room"; seq?: number; room: Room }
  | { type: "presence"; online: number }
  | { type: "typing" }
  | { type: "expired"; from: number; to: number }
  | { type: "reset"; head: number }
  | { type: "auth_expiring"; expires_in: number }
  | { type: "pong"; t: number }
  | CommandError;

type Kind = "string" | "number" | "boolean" | "object";
type Shape = Readonly<Record<string, Kind>>;

const AUTHOR: Shape = { seq: "number", at: "number", client_id: "string", client_name: "string" };

/** What each frame must carry; fields beyond these are optional or new and are let through. */
const SHAPES: Readonly<Record<ServerFrame["type"], Shape>> = {
  welcome: { room: "object", you: "object", head: "number", epoch: "string", build: "string" },
  message: { ...AUTHOR, message: "string" },
  edit: { ...AUTHOR, target: "number", message: "string" },
  delete: { ...AUTHOR, target: "number" },
  ack: { id: "string", seq: "number", at: "number" },
  room: { room: "object" },
  presence: { online: "number" },
  typing: {},
  expired: { from: "number", to: "number" },
  reset: { head: "number" },
  auth_expiring: { expires_in: "number" },
  pong: {},
  error: { code: "string", message: "string" },
};

/** The frame in `text`; null for one that is unknown or broken, which is to be ignored. */
export function parseFrame(text: string): ServerFrame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(frame) || typeof frame.type !== "string" || !isKnown(frame.type)) return null;
  const shape = SHAPES[frame.type];
  const complete = Object.entries(shape).every(([field, kind]) => typeof frame[field] === kind && frame[field] !== null);
  return complete ? (frame as unknown as ServerFrame) : null;
}

function isKnown(type: string): type is ServerFrame["type"] {
  return Object.hasOwn(SHAPES, type);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
