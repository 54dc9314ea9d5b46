/* surface/chunk.h
 * A stream as OpenAI's Chat Completions have it, which those of slugs are too: `data:` lines with
 * chunks, id and name of a call once, in front, and `data: [DONE]` behind a whole answer only, so
 * that nobody takes a cut one for whole. */
#pragma once
#include "surface/surface.h"

void chunk_begin(void *stream, const struct surface_said *said, struct buffer *out);
void chunk_event(void *stream, const struct surface_said *said, const struct chat_event *event,
                 struct buffer *out);
void chunk_cut(void *stream, const struct surface_fault *fault, struct buffer *out);
/* The last chunk of the choice: why it ends. */
void chunk_put_finish(const struct surface_said *said, struct buffer *out);
/* One without choices: what was used, and what the gateway did. */
void chunk_put_usage(const struct surface_said *said, struct buffer *out);
void chunk_put_done(struct buffer *out);
