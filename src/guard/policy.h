/* guard/policy.h
 * What is looked for in the texts of a call, and what is done about it: as the gateway, a project,
 * an endpoint and a token say it, each field as the narrowest of them that says anything. Const
 * once read, and shared by threads. */
#pragma once
#include "base/buffer.h"
#include "document/diagnostic.h"
#include "guard/kind.h"
#include "schema/pattern.h"

enum guard_action {
    GUARD_OFF,
    GUARD_MASK,    /* a placeholder takes its place */
    GUARD_RESTORE, /* likewise, and in the answer it stands again */
    GUARD_REDACT,  /* a word that says what stood there takes its place, for good */
    GUARD_BLOCK
};
enum guard_side { GUARD_INPUT, GUARD_OUTPUT, GUARD_SIDES };

#define GUARD_FIELDS(X)                                                                            \
    X(PII, pii, "pii")                                                                             \
    X(SECRETS, secrets, "secrets")                                                                 \
    X(INJECTION, injection, "injection")                                                           \
    X(WORDS, words, "words")                                                                       \
    X(MAX_CHARS, max_chars, "max_chars")

enum guard_field {
#define X(name, member, word) GUARD_##name,
    GUARD_FIELDS(X)
#undef X
        GUARD_FIELD_COUNT
};
struct text guard_field_word(enum guard_field field);
struct text guard_action_word(enum guard_action action);

/* An author's own kind of personal data. */
struct guard_pattern {
    struct text name;              /* "ticket" */
    struct text placeholder;       /* "TICKET" */
    const struct pattern *pattern; /* anchored at both ends */
    uint64_t first[2];             /* of ASCII, what it may begin with; bits */
};
struct guard_phrases;

/* One field as one of them says it; what a field does not have is empty. */
struct guard_rule {
    enum guard_action on[GUARD_SIDES];
    struct text source;                   /* as compact JSON */
    uint64_t kinds;                       /* PII; bits */
    const struct guard_pattern *patterns; /* PII */
    size_t pattern_count;
    uint32_t threshold;                  /* INJECTION: points */
    const struct guard_phrases *phrases; /* WORDS */
    uint64_t most[GUARD_SIDES];          /* MAX_CHARS; 0: any number */
};
/* Zeroed it asks for nothing. */
struct guard_policy {
    const struct guard_rule *fields[GUARD_FIELD_COUNT]; /* NULL: it does not say */
};

enum { GUARD_WORDS_MAX = 10000, GUARD_PATTERNS_MAX = 32, GUARD_NAME_BYTES_MAX = 32 };

/* Told of everything that is wrong with one. */
typedef void guard_report(void *context, uint32_t cell, enum diagnostic_code code,
                          const char *message, const char *hint);
/* Reads the value at `at`: a mapping of fields, or `off` for all of them. What is read lives in the
 * arena; false when something was reported. */
bool guard_policy_read(const struct document *document, uint32_t at, struct arena *arena,
                       guard_report *report, void *context, struct guard_policy *out);
/* Fields that `narrow` does not say are as in `wide`. NULL says nothing. */
struct guard_policy guard_policy_merge(const struct guard_policy *wide,
                                       const struct guard_policy *narrow);
/* Whether anything is looked for on that side. */
bool guard_policy_on(const struct guard_policy *policy, enum guard_side side);
/* Whether what is masked on the input side stands again in the answer. */
bool guard_restores(const struct guard_policy *policy);
/* {"pii":"mask",...} of the fields that are said. */
void guard_policy_put(struct buffer *out, const struct guard_policy *policy);
/* What blocks whatever it can find: where guardrails were asked for that cannot be read. */
extern const struct guard_policy guard_policy_strict;
/* What masks whatever can be masked, for content that is kept: personal data and credentials. */
extern const struct guard_policy guard_policy_redacting;
