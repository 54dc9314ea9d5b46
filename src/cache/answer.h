/* cache/answer.h
 * A provider's answer as bytes, whole or step by step: what is kept for the next who asks the same,
 * and what those hear who wait for it now. Reading takes foreign bytes of any kind. Numbers are
 * little-endian, a text is its length (4 bytes) and its bytes. */
#pragma once
#include "base/buffer.h"
#include "chat/chat.h"

/* Appends a whole answer, without what it used: model, finish, refusal, and its parts in order; or
 * model and vectors. */
void answer_write(struct buffer *out, const struct chat_answer *answer);
/* Reads one; false when the bytes are none. Texts borrow from the bytes, lists are the arena's.
 * A part's state_of is found by `dialect`, which gives a static name or NULL; a state of a dialect
 * that is not known is left out. */
bool answer_read(struct text bytes, const char *(*dialect)(struct text name), struct arena *arena,
                 struct chat_answer *out);

/* Appends one step of a stream: START, TEXT, REFUSAL, CALL, ARGUMENTS. Others are not shown to
 * anybody, and nothing is appended. */
void step_write(struct buffer *out, const struct chat_event *event);
/* The bytes of the first step; 0 when there is no whole one. */
size_t step_bytes(struct text bytes);
/* Takes the first step off *bytes, borrowing from them; false when there is none. */
bool step_read(struct text *bytes, struct chat_event *out);
