/* Start reading here: a request's life, from its token to its answer. Each stage hands a few fields
 * of the request to one capability; no capability knows another. A stage that cannot finish now
 * parks the request and something later resumes it; stages that run ALWAYS do so even when an
 * earlier one failed. */
#include "gateway/pipeline.h"

#include "base/check.h"
#include "base/clock.h"
#include "gateway/stages.h"
#include "journal/metrics.h"

enum stage_when {
    STEP,   /* until something has failed, or is known already */
    BUYING, /* likewise, but not where the answer is another call's: it is about asking a provider
             */
    ALWAYS
};
struct stage {
    const char *name;
    enum verdict (*run)(struct request *request);
    enum stage_when when;
};

/* clang-format off */
static const struct stage stages[STAGE_COUNT] = {
    [STAGE_AUTHENTICATE] = {"authenticate", stage_authenticate, STEP  }, /* who asks, for what */
    [STAGE_LIMIT]        = {"limit",        stage_limit,        STEP  }, /* not too often */
    [STAGE_IDEMPOTENCY]  = {"idempotency",  stage_idempotency,  STEP  }, /* not a second time */
    [STAGE_FETCH]        = {"fetch",        stage_fetch,        STEP  }, /* what it refers to */
    [STAGE_READ]         = {"read",         stage_read,         STEP  }, /* bytes -> a document */
    [STAGE_GUARD]        = {"guard",        stage_guard,        STEP  }, /* what must not go out */
    [STAGE_CHECK_INPUT]  = {"check_input",  stage_check_input,  STEP  }, /* the input schema */
    [STAGE_RECALL]       = {"recall",       stage_recall,       STEP  }, /* the session's history */
    [STAGE_ROUTE]        = {"route",        stage_route,        STEP  }, /* provider and model */
    [STAGE_RENDER]       = {"render",       stage_render,       STEP  }, /* prompt -> messages */
    [STAGE_CACHE]        = {"cache",        stage_cache,        STEP  }, /* not bought twice */
    [STAGE_METER]        = {"meter",        stage_meter,        BUYING}, /* not too many tokens */
    [STAGE_RESERVE]      = {"reserve",      stage_reserve,      BUYING}, /* the worst it may cost */
    [STAGE_CLAIM]        = {"claim",        stage_claim,        STEP  }, /* its key, durably */
    [STAGE_CALL]         = {"call",         stage_call,         BUYING}, /* the provider's answer */
    [STAGE_CHECK_OUTPUT] = {"check_output", stage_check_output, STEP  }, /* the output schema */
    [STAGE_SHARE]        = {"share",        stage_share,        ALWAYS}, /* who asks the same */
    [STAGE_GUARD_OUTPUT] = {"guard_output", stage_guard_output, ALWAYS}, /* ... or come back */
    [STAGE_REMEMBER]     = {"remember",     stage_remember,     ALWAYS}, /* the turn, durably */
    [STAGE_SETTLE]       = {"settle",       stage_settle,       ALWAYS}, /* what it cost */
    [STAGE_FILE]         = {"file",         stage_file,         ALWAYS}, /* the answer, by its id */
    [STAGE_JOURNAL]      = {"journal",      stage_journal,      ALWAYS}, /* a line, the counters */
    [STAGE_KEEP]         = {"keep",         stage_keep,         ALWAYS}, /* the answer, by key */
    [STAGE_RESPOND]      = {"respond",      stage_respond,      ALWAYS}, /* the answer */
};
/* clang-format on */

/* Whether it goes no further: it rests, or is decided, behind the last stage that is wanted of it.
 */
static bool stops(struct request *request)
{
    bool failed = request->error.code != ERROR_NONE;

    if (request->decided != NULL && (failed || request->at > request->decided_after)) {
        request->decided(request);
        return true;
    }
    if (failed || request->at != request->worker->rest_after + 1)
        return false;
    request->at--; /* as one that waits in its last stage */
    request->rests = request->waiting = true;
    return true;
}

const char *pipeline_stage_name(enum stage_id id)
{
    return stages[id].name;
}

/* One look at the clock a stage: what passes until the next one begins is what it has taken. */
static void begin_stage(struct request *request)
{
    struct request_times *times = &request->times;
    uint64_t now_us = clock_monotonic_us();

    if (times->stage_since_us > 0)
        times->stage_us[times->stage] += now_us - times->stage_since_us;
    times->stage = request->at;
    times->stage_since_us = now_us;
    if (times->stage_began_us[request->at] == 0)
        times->stage_began_us[request->at] = now_us;
}

void pipeline_run(struct request *request)
{
    CHECK(!request->finished && !request->waiting);
    while (request->at < STAGE_COUNT) {
        const struct stage *stage = &stages[request->at];
        bool decided = request->error.code != ERROR_NONE || request->idempotency.known != NULL;
        bool skip =
            (decided && stage->when != ALWAYS) || (request->share.known && stage->when == BUYING);
        enum verdict verdict;

        if (stops(request))
            return;
        if (!skip)
            begin_stage(request);
        verdict = skip ? NEXT : stage->run(request);
        CHECK(verdict != FAIL || request->error.code != ERROR_NONE);
        if (verdict == WAIT) {
            request->waiting = true;
            return;
        }
        request->at = verdict == AGAIN ? STAGE_CALL : request->at + 1;
    }
    request->finished = true;
    share_ended(request);
}

void pipeline_resume(struct request *request)
{
    CHECK(request->waiting);
    request->waiting = false;
    request->at++;
    pipeline_run(request);
}
