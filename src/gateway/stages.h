/* gateway/stages.h
 * The stages that are more than a line or two; pipeline.c puts all of them in order. */
#pragma once
#include "gateway/request_state.h"

/* authenticate.c */
enum verdict stage_authenticate(struct request *request);
/* What is left of it when it is known who asks: that the token may call the endpoint, in the
 * version that the request names. WAIT: the version has to be made first. */
enum verdict authenticate_call(struct request *request);
/* Sets request->project: the token's own, which is also the one in the path where one is named
 * there. False with request->error. */
bool request_find_project(struct request *request);
/* "summarize", "summarize@7": whose call it is. Borrowed. */
void request_name_endpoint(struct request *request, struct text name);
/* limit.c */
enum verdict stage_limit(struct request *request);
/* Says that the policy, one of the request's, refuses it. */
enum verdict limit_refuse(struct request *request, const struct policy *policy);
/* The counter of a kind of limit for whom and what, drawn with the process's seed. */
uint64_t limit_key(const char *kind, struct text who, struct text what);
/* Gives back the place among the calls that run at once, if it has one. */
void limit_leave(struct request *request);
/* stored.c */
enum verdict stage_fetch(struct request *request);
enum verdict stage_file(struct request *request);
/* ask.c */
enum verdict stage_read(struct request *request);
/* Opens the body, unless it is open; false with request->error. */
bool request_open_body(struct request *request);
/* Whether the body is sent as JSON; else request->error says so. */
bool request_body_is_json(struct request *request);
/* The answer is to be what the caller says: what body.output_held and its document are now. */
void request_take_output(struct request *request);
enum verdict stage_check_input(struct request *request);
enum verdict stage_render(struct request *request);
/* route.c */
enum verdict stage_route(struct request *request);
/* cache.c */
enum verdict stage_cache(struct request *request);
enum verdict stage_share(struct request *request);
/* meter.c */
enum verdict stage_meter(struct request *request);
/* What the call was expected to use gives way to what it has used. */
void meter_correct(struct request *request);
/* reserve.c */
enum verdict stage_reserve(struct request *request);
/* idempotency.c */
enum verdict stage_idempotency(struct request *request);
enum verdict stage_claim(struct request *request);
enum verdict stage_keep(struct request *request);
/* memory.c */
enum verdict stage_recall(struct request *request);
enum verdict stage_remember(struct request *request);
/* guarding_begin.c */
enum verdict stage_guard(struct request *request);
/* guarding_output.c */
enum verdict stage_guard_output(struct request *request);
/* call.c */
enum verdict stage_call(struct request *request);
/* The plan goes on to that place, and the conversation there is the rendered one again. */
void call_next_target(struct request *request, size_t place);
/* Ends the provider call, if one is going on. */
void call_cancel(struct request *request);
/* Counts and tells that the plan has gone on to another target. */
void call_say_failover(struct request *request, const struct attempt *from);
/* The client's buffer has room again. */
void call_resume(struct request *request);
/* output.c */
enum verdict stage_check_output(struct request *request);
/* output_policy.c: request->error says why an answer cannot be used; AGAIN when another is asked
 * for. */
enum verdict output_refused(struct request *request);
/* account.c */
/* Nano-USD of the attempts that are over; -1 when a price is not known. */
int64_t account_spent(struct request *request);
enum verdict stage_settle(struct request *request);
/* journal.c */
enum verdict stage_journal(struct request *request);
/* canary_calls.c: what the watched rules of its endpoint learn of a call that has ended. */
void canary_calls_note(struct request *request);
/* count.c */
void count_request(struct request *request, uint64_t duration_us, uint64_t overhead_us);
void count_attempt(struct request *request, const struct attempt *attempt);
/* How an attempt ended, in a word; empty: it was answered. */
struct text attempt_result(const struct attempt *attempt);
/* respond.c */
enum verdict stage_respond(struct request *request);

/* stream.c: the smaller table, run once per event of a streamed answer. */
/* Sends on what a step of the winning attempt says. */
void stream_event(struct request *request, const struct chat_event *event);
/* Whether the answer is sent on as it comes. */
bool stream_wanted(const struct request *request);
/* Whether the client is answered by a stream, then or when the answer is whole. */
bool stream_answers(const struct request *request);
/* Begins the client's stream if it has not begun. */
void stream_begin(struct request *request);
/* Composes the last chunks of the stream, or, with request->error, an error event, and holds them
 * back until stream_end. Where no stream is to be answered it does nothing. */
void stream_compose_end(struct request *request);
/* Writes the last chunks, or what was composed, and ends the stream. */
void stream_end(struct request *request);
