/* trial/recording.h
 * What a test's providers were asked, and what they answered: one file per test, JSON that reviews
 * well, with the replies in the providers' own wire format. Nothing of a credential is in it: of
 * requests only path and body are kept, of replies their type and what says when to try again. */
#pragma once
#include "base/buffer.h"
#include "base/error.h"
#include "document/document.h"
#include "transport/tape.h"

struct recorded {
    struct text provider;
    struct text path;            /* behind the provider's own */
    const struct document *body; /* of the request */
    uint32_t body_at;
    struct taped_reply reply;
};

enum { RECORDING_BYTES_MAX = 32 << 20, RECORDED_MAX = 100 };
struct recording {
    struct text endpoint, test; /* slug and name */
    const struct recorded *items;
    size_t count;
};

/* Reads a file's bytes (kept); what it gives is in the arena. False with *err, which says where it
 * is malformed. Any bytes are read without harm. */
bool recording_read(struct text bytes, struct arena *arena, struct recording *out,
                    struct error *err);
/* Appends the file: the same recording is always the same bytes. */
void recording_write(const struct recording *recording, struct buffer *out);
/* "tests/recordings/summarize/an-empty-text-is-refused.json": of the name what a file name is sure
 * to hold, and where that is not all of it, a part of its SHA-256. In the arena. */
struct text recording_path(struct text slug, struct text test, struct arena *arena);
/* What of a request's path is behind that of its provider's base URL. */
struct text recording_request_path(const struct provider *provider, struct text path);
/* Whether a header field of a reply is kept. */
bool recording_keeps_field(struct text name, int status);
