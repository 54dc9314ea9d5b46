/* mcp/answer.h
 * What a server of the Model Context Protocol says, in the words of the era it is asked in: every
 * modern result says that it is complete and whose it is. */
#pragma once
#include "base/buffer.h"
#include "mcp/message.h"

/* To whom, and in which words; kept as long as what is answered. */
struct mcp_asker {
    struct text id; /* JSON; empty: it is not known, and null */
    bool modern;
};
struct mcp_asker mcp_asker_of(const struct mcp_message *message);

/* Begins the response with a result; its members follow, by json_put_name. At its end stands what
 * the gateway did, a JSON object, which may be empty. */
void mcp_begin_result(struct buffer *out, const struct mcp_asker *asker);
void mcp_end_result(struct buffer *out, const struct mcp_asker *asker, struct text meta);
/* A response with an error; `data`, JSON, may be empty. */
void mcp_put_error(struct buffer *out, struct text id, enum mcp_code code, struct text message,
                   struct text data);
/* Likewise of what could not be read. */
void mcp_put_fault(struct buffer *out, struct text id, const struct mcp_fault *fault);

/* Whole responses. The version that `initialize` asks for, if it is spoken here, else the newest
 * with a handshake. `instructions` may be empty. */
void mcp_put_initialized(struct buffer *out, const struct mcp_asker *asker, struct text version,
                         struct text instructions);
void mcp_put_discovered(struct buffer *out, const struct mcp_asker *asker,
                        struct text instructions);
void mcp_put_pong(struct buffer *out, const struct mcp_asker *asker);
/* For how long and for whom what is listed may be kept; modern results only have it. */
void mcp_put_cacheable(struct buffer *out, const struct mcp_asker *asker);

/* Members of the result of a tool's call. */
struct mcp_content {
    struct text text;       /* what there is to read */
    struct text beside;     /* more of it; or empty */
    struct text structured; /* JSON: the same for programs, where there is a schema; or empty */
    bool failed;
};
void mcp_put_content(struct buffer *out, const struct mcp_content *content);

/* One event of a stream (WHATWG HTML, server-sent events): what lies between the two is a message
 * in one line. */
void mcp_begin_event(struct buffer *out);
void mcp_end_event(struct buffer *out);
/* Messages to who listens, as events: what the call is at, and that a subscription holds, of what
 * was wanted, for the tools; that these have changed; that it has ended. */
void mcp_put_progress(struct buffer *out, struct text token, uint64_t progress,
                      struct text message);
void mcp_put_acknowledged(struct buffer *out, struct text id, bool tools);
void mcp_put_tools_changed(struct buffer *out, struct text id);
void mcp_put_unsubscribed(struct buffer *out, struct text id);
