/* store/token_record.h
 * A token as stored: who may call what, from where, how often, for how much, until when. Times are
 * wall milliseconds; 0: never. Money is nano-USD. */
#pragma once
#include "base/arena.h"
#include "base/text.h"
#include "store/call_limits.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    STORE_DIGEST_BYTES = 32,
    TOKEN_SCOPES_MAX = 64,
    TOKEN_MODELS_MAX = 64,
    TOKEN_ADDRESSES_MAX = 32,
    TOKEN_TAGS_MAX = 8,
};

enum token_kind {
    TOKEN_CALL, /* of callers, for the public listener */
    TOKEN_ADMIN /* of operators, for the admin listener */
};

/* What the bearer may do; bits of `verbs`, whose meaning the kind decides. Stored: never renumber.
 */
enum token_verb {
    VERB_CALL = 1 << 0,
    VERB_MODELS = 1 << 1,
    VERB_EMBEDDINGS = 1 << 2,
    VERB_MCP = 1 << 3,
    VERB_SESSIONS = 1 << 4,
    VERB_USAGE = 1 << 5,
    VERB_EXPLAIN = 1 << 6, /* replies that say why they were routed as they were */
    VERBS_DEFAULT = VERB_CALL | VERB_MODELS | VERB_EMBEDDINGS | VERB_MCP,
    VERBS_ALL = (1 << 7) - 1
};
enum admin_verb {
    ADMIN_TOKENS_READ = 1 << 0,
    ADMIN_TOKENS_WRITE = 1 << 1, /* also provisioning */
    ADMIN_SESSIONS = 1 << 2,
    ADMIN_USAGE = 1 << 3, /* usage and budgets */
    ADMIN_LOGS = 1 << 4,
    ADMIN_AUDIT = 1 << 5,
    ADMIN_SECRETS = 1 << 6,
    ADMIN_CONFIG = 1 << 7,
    ADMIN_BACKUP = 1 << 8,
    ADMIN_ALL = 0x7fffffff /* "*": what later versions add too */
};

struct token_tag {
    struct text name, value;
};

/* One address or a network; IPv4 as its mapped IPv6 form (RFC 4291 section 2.5.5.2). */
struct token_address {
    unsigned char bytes[16];
    uint8_t prefix; /* bits, of 128 */
};

struct token_budget {
    int64_t monthly_nano, daily_nano; /* TOKEN_UNLIMITED */
};
#define TOKEN_UNLIMITED ((int64_t)-1)

/* What becomes of the calls under way when it is revoked. */
struct guard_policy;
enum token_on_revoke { REVOKE_DEFAULT, REVOKE_FINISH, REVOKE_CUT };

struct token_record {
    /* What is looked at to say who bears it lies together. */
    unsigned char digest[STORE_DIGEST_BYTES];
    int64_t expires_ms, revoked_ms;
    int64_t previous_until_ms; /* the secret before the rotation is good until then; 0: none */
    enum token_kind kind;
    uint32_t verbs;                                    /* enum token_verb, or admin_verb */
    unsigned char previous_digest[STORE_DIGEST_BYTES]; /* of that secret */
    struct text id;                                    /* "tok_" + 26; "adm_" + 26 */
    uint64_t revision;                                 /* grows with every change; 0: none yet */
    struct text name;
    struct text hint;       /* the secret's last four characters, for people */
    struct text project;    /* its name; empty: the default project */
    struct text deployment; /* what it was provisioned for; empty: it was not */
    const struct text *scopes;
    size_t scope_count;
    const struct text *models; /* names or patterns; none: any */
    size_t model_count;
    const struct token_address *addresses; /* none: from anywhere */
    size_t address_count;
    const struct token_tag *tags;
    size_t tag_count;
    struct call_limits limits; /* of its own, wherever it calls */
    struct token_budget budget;
    struct text guardrails; /* as JSON; empty: none of its own */
    const struct guard_policy *policy; /* what they say, in records of the token table; else NULL */
    int64_t created_ms;
    int64_t last_used_ms; /* as of some minutes ago: the table knows better */
    enum token_on_revoke on_revoke;
    bool test; /* pin_test_, not pin_live_ */
};

/* What a change of a token sets; bits. The project, the kind and what it was provisioned for stay.
 */
enum token_field {
    TOKEN_SET_NAME = 1 << 0,
    TOKEN_SET_SCOPES = 1 << 1,
    TOKEN_SET_VERBS = 1 << 2,
    TOKEN_SET_MODELS = 1 << 3,
    TOKEN_SET_ADDRESSES = 1 << 4,
    TOKEN_SET_TAGS = 1 << 5,
    TOKEN_SET_LIMITS = 1 << 6,
    TOKEN_SET_BUDGET = 1 << 7,
    TOKEN_SET_EXPIRY = 1 << 8,
    TOKEN_SET_ON_REVOKE = 1 << 9,
    TOKEN_SET_SECRET = 1 << 10, /* a rotation: digest, hint, previous_until_ms */
    TOKEN_SET_REVOKED = 1 << 11,
    TOKEN_SET_GUARDRAILS = 1 << 12
};
/* Copies those members; the texts stay where they are. */
void token_record_set(struct token_record *record, const struct token_record *to, unsigned fields);

/* A copy with all its texts in the arena. */
const struct token_record *token_record_copy(struct arena *arena,
                                             const struct token_record *record);

/* Likewise of its tags alone; NULL when there are none. */
const struct token_tag *token_tags_copy(struct arena *arena, const struct token_tag *tags,
                                        size_t count);

/* That a token was used, told later and for many at once. */
struct token_use {
    struct text id;
    int64_t used_ms;
};

/* What a new token has that its order does not name. */
#define TOKEN_DEFAULTS .verbs = VERBS_DEFAULT, .budget = {TOKEN_UNLIMITED, TOKEN_UNLIMITED}
