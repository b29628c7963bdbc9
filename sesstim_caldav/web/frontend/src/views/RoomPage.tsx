export function RoomPage(_: { slug: string }) { return null; }
