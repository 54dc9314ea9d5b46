/* gateway/guarding.h
 * The guardrails of one request: what its gateway, project, endpoint and token ask for together, on
 * what goes to the provider and on what comes back. NULL in a request that none of them guards,
 * which then costs nothing. Lives in the request's arena. */
#pragma once
#include "chat/chat.h"
#include "guard/guard.h"
#include "provider/failure.h"

struct request;

/* One text of a streamed answer on its way to the client. */
struct guard_channel {
    struct guard_stream stream;
    bool begun;
};
enum { GUARD_CALLS_MAX = 1024 }; /* of one streamed answer; more are not sent on */

struct guarding {
    struct guard_policy policy;
    struct guard_masks masks;
    struct guard input, output;
    struct guard_channel content, refusal;
    struct guard_channel **calls; /* arguments; NULL: that call has said nothing yet */
    size_t call_room;
    struct buffer piece; /* of a stream, as it goes on */
    bool streamed;       /* some of the answer has come that way */
    bool has_given;
    struct chat_answer given; /* the answer as the provider gave it */
};

/* Another attempt answers: what was held back of one that broke off before the client had any of it
 * is nobody's any more. */
void guarding_begin_answer(struct request *request);
/* Sends on what may go on of a step of a streamed answer; false when it is blocked, with *failure.
 * While others wait for the same answer it is not: they have guardrails of their own, and whoever
 * this one is for is sent nothing more and refused in the end. A request without guardrails has it
 * sent as it is. */
bool guarding_stream_event(struct request *request, const struct chat_event *event,
                           struct failure *failure);
/* Whether what the model says is looked at, so that of a stream some is held back. */
bool guarding_is_late(const struct request *request);
/* The answer as the provider gave it, with placeholders for what it was not to see. */
const struct chat_answer *guarding_given(const struct request *request);
/* As much of the content, or of the refusal, as the client has been shown, in the provider's words;
 * `shown_bytes` where nothing is guarded. */
size_t guarding_shown(const struct request *request, bool refusal, size_t shown_bytes);
/* A text of the provider's answer as it may be stored: masked, and nothing restored. */
struct text guarding_stored(struct request *request, struct text text, bool json);
/* Likewise, of all its parts. */
const struct chat_part *guarding_stored_parts(struct request *request,
                                              const struct chat_answer *answer);
/* Whether something was blocked, on whichever side. */
const struct guard *guarding_blocked(const struct request *request);
/* [{"where":"input","kind":"pii","rule":"email","action":"mask","count":2}], or empty. */
struct text guarding_tallies(struct request *request);
/* Counts what was found. */
void guarding_count(struct request *request);

/* Private to guarding*.c: fills *error with what is blocked, and where. */
void guarding_refuse(const struct guard *guard, const char *at, struct error *error);
/* Likewise: looks at all that the body of a request says, which is guarded on its way in, and puts
 * back what is left of it; false with request->error. */
bool guarding_take_input(struct request *request);
