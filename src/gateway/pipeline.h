/* gateway/pipeline.h
 * The life of a request as one table of stages. */
#pragma once

struct request;

enum stage_id {
    STAGE_AUTHENTICATE,
    STAGE_LIMIT,
    STAGE_IDEMPOTENCY,
    STAGE_FETCH,
    STAGE_READ,
    STAGE_GUARD,
    STAGE_CHECK_INPUT,
    STAGE_RECALL,
    STAGE_ROUTE,
    STAGE_RENDER,
    STAGE_CACHE,
    STAGE_METER,
    STAGE_RESERVE,
    STAGE_CLAIM,
    STAGE_CALL,
    STAGE_CHECK_OUTPUT,
    STAGE_SHARE,
    STAGE_GUARD_OUTPUT,
    STAGE_REMEMBER,
    STAGE_SETTLE,
    STAGE_FILE,
    STAGE_JOURNAL,
    STAGE_KEEP,
    STAGE_RESPOND,
    STAGE_COUNT
};

enum verdict {
    NEXT, /* done, go on */
    FAIL, /* request->error says why; from here only stages that run ALWAYS do */
    WAIT, /* parked; exactly one pipeline_resume follows, never from inside the stage */
    AGAIN /* the answer is of no use: the one arrow that points up, to STAGE_CALL */
};

/* "authenticate" */
const char *pipeline_stage_name(enum stage_id id);
/* Runs until the end or until a stage waits. */
void pipeline_run(struct request *request);
/* What a parked stage waited for has happened: its result, or request->error, is stored. */
void pipeline_resume(struct request *request);
