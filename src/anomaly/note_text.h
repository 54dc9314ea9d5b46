/* anomaly/note_text.h
 * A note in words, and where to look on. */
#pragma once
#include "base/buffer.h"
#include "store/note_record.h"

/* "24.1 % of 120 calls in an hour failed, usually 0.8 %" */
void note_put_message(struct buffer *out, const struct note_record *note);
/* A command that shows more: "pinion logs list --endpoint chat --status 5xx --from ..." */
void note_put_look(struct buffer *out, const struct note_record *note);
/* As an object. */
void note_put(struct buffer *out, const struct note_record *note);
