/* trial/rehearsal.h
 * One test of an endpoint, run: called as its author says, in a trial of its own, so that tests
 * know nothing of each other, and judged. */
#pragma once
#include "trial/judge.h"
#include "trial/playback.h"
#include "trial/recorder.h"
#include "trial/trial.h"

enum rehearsal_source {
    SOURCE_RECORDING, /* providers are played from the test's recording */
    SOURCE_DEMO,      /* the configuration has the built-in demo in their place */
    SOURCE_LIVE,      /* they are called */
    SOURCE_RECORD     /* likewise, and what they say is kept */
};

enum rehearsal_end {
    REHEARSAL_PASSED,
    REHEARSAL_FAILED, /* an assertion does not hold */
    REHEARSAL_NO_RUN  /* it could not be run, or not against what was recorded: `problem` */
};

struct rehearsal {
    const struct endpoint *endpoint;
    const struct endpoint_test *test;
    enum rehearsal_end end;
    struct text problem, help; /* of one that could not be run */
    const struct verdict_on *verdicts;
    size_t verdict_count;
    int status;
    struct text route;
    int64_t cost_nano; /* -1: not known */
    uint64_t duration_us;
    size_t exchanges;          /* with providers */
    size_t stale;              /* recorded ones that were not asked for */
    bool incomplete;           /* there were more than a recording holds */
    struct recording recorded; /* of SOURCE_RECORD */
};

/* A copy that stands without the arena it came from, but for the test itself; without what was
 * recorded. */
struct rehearsal rehearsal_kept(const struct rehearsal *it, struct arena *arena);

struct rehearsal_way {
    enum rehearsal_source source;
    const struct recording *recording; /* that of the test; NULL: there is none */
    struct tape *tape;                 /* another in the place of the source's own; or NULL */
    struct text scratch;               /* as of a trial */
};
/* Runs it, for as long as the endpoint's own timeouts let it. All is kept, and results are in the
 * arena. */
void rehearse(struct config *config, const struct endpoint *endpoint,
              const struct endpoint_test *test, const struct rehearsal_way *way,
              struct arena *arena, struct rehearsal *out);

/* An answer that a caller got by a call that the test describes, not as a stream. */
struct rehearsal_answer {
    int status;
    struct text body; /* as the endpoint answers who wants nothing particular */
    struct text route;
    int64_t cost_nano; /* -1: not known */
    int64_t completion_tokens, latency_ms;
};
/* Judges that, as if it had been made here and live. All is kept, and results are in the arena. */
void rehearsal_judge(const struct endpoint *endpoint, const struct endpoint_test *test,
                     const struct rehearsal_answer *answer, struct arena *arena,
                     struct rehearsal *out);
/* Appends what came of it as a JSON object. */
void rehearsal_put(const struct rehearsal *it, struct buffer *out);
