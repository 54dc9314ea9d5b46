/* gateway/paths.h
 * Which path leads where: calls into the pipeline, each through its surface, the rest to a small
 * handler. */
#pragma once
#include "gateway/request_state.h"

/* Answers the request, or runs its pipeline. */
void paths_serve(struct request *request);

/* Answers at once, outside of the pipeline, with a JSON or other body (borrowed until
 * request_free), and marks the request finished. */
void request_reply(struct request *request, int status, struct text content_type, struct text body);
/* Likewise, with more headers (borrowed), at most a dozen. */
void request_reply_with(struct request *request, int status, struct text content_type,
                        struct text body, const struct http_header *more, size_t more_count);
/* As request_reply, of a document that changes with the program or its configuration only: it may
 * be kept, but has to be asked for again. `etag` is its strong one, in quotes; who has that is told
 * so.
 */
void request_reply_tagged(struct request *request, struct text content_type, struct text etag,
                          struct text body);
/* Likewise, with more headers (borrowed), at most a dozen. */
struct tagged {
    struct text type, etag, body;
    struct text cache; /* for how long it may be kept; empty: until it is asked for again */
};
void request_reply_tagged_with(struct request *request, const struct tagged *document,
                               const struct http_header *more, size_t more_count);
/* The strong tag of a body, in quotes; in the arena. */
struct text etag_of(struct arena *arena, struct text body);
/* Likewise with request->error. */
void request_refuse(struct request *request);
/* Likewise, as the path takes only those methods (methods.h). */
void request_refuse_method(struct request *request, const char *methods);
/* Answers OPTIONS: which methods those are. */
void request_tell_methods(struct request *request, const char *methods);

/* operations.c: /livez, /readyz, /metrics */
void operations_live(struct request *request);
void operations_ready(struct request *request);
void operations_metrics(struct request *request);
/* file_schemas.c: /schema/endpoint.json and the like */
void file_schemas_serve(struct request *request);
/* count_tokens.c: /v1/messages/count_tokens */
void count_tokens_serve(struct request *request);
/* catalog_pages.c: /openapi.json, /llms.txt, /docs/ and what is below it */
void catalog_openapi(struct request *request);
void catalog_llms(struct request *request);
void catalog_docs(struct request *request);
/* dashboard.c: /dashboard/ and what is below it */
void dashboard_serve(struct request *request);
void dashboard_login(struct request *request);
void dashboard_logout(struct request *request);
/* own_sessions.c: /v1/sessions, /v1/sessions/{id} */
void own_sessions_list(struct request *request);
void own_session(struct request *request);
/* mcp.c: /mcp */
void mcp_serve(struct request *request);
/* own_responses.c: /v1/responses/{id} and .../input_items, below each mount */
void own_response(struct request *request);
/* own_usage.c: /v1/usage */
void own_usage_serve(struct request *request);
/* models.c: /v1/models, /v1/models/{id} */
void models_list(struct request *request);
void models_show(struct request *request);
