/* guard/injection.h
 * Private to guard: signs that a text means to give the model other orders than its own. Each sign
 * has points and counts once; a text has the sum of them. There is no certainty in it. */
#pragma once
#include "guard/detect.h"
#include "guard/phrase.h"

/* name, points */
#define INJECTION_SIGNS(X)                                                                         \
    X(OVERRIDE, "override", 10)       /* forget + your earlier + instructions */                   \
    X(OVERRIDE_MAYBE, "override", 6)  /* forget + instructions */                                  \
    X(ROLE, "role", 4)                /* you are now, pretend to be */                             \
    X(UNBOUND, "unbound", 6)          /* do anything now, without restrictions */                  \
    X(PROMPT_LEAK, "prompt_leak", 7)  /* show + your system prompt */                              \
    X(PROMPT_NAMED, "prompt_leak", 2) /* your system prompt */                                     \
    X(NEW_ORDERS, "new_orders", 4)    /* your new instructions are */                              \
    X(SECRECY, "secrecy", 4)          /* do not tell the user */                                   \
    X(MARKER, "role_marker", 8)       /* <|im_start|>, [INST], <<SYS>> */                          \
    X(MARKER_MAYBE, "role_marker", 4) /* <system>, "system:" in front of a line */                 \
    X(SMUGGLED, "smuggling", 10)      /* a run of characters that nobody sees */                   \
    X(ENCODED, "encoded", 5)          /* base64 by name, and something that may be it */

enum injection_sign {
#define X(name, word, points) SIGN_##name,
    INJECTION_SIGNS(X)
#undef X
        SIGN_COUNT
};
enum { INJECTION_THRESHOLD = 7 }; /* unless an author says otherwise */

struct injection {
    uint32_t signs;                                /* seen so far; bits */
    uint32_t words;                                /* read so far */
    uint32_t forget, prior, orders, show, encoded; /* the last one was that word; 0: none was */
    uint32_t quiet;        /* up to that word nothing is told to be forgotten */
    unsigned tags, unseen; /* in the run under way */
};

/* To be called first, by every thread; costs nothing the second time. */
void injection_prepare(void);
/* Whether a phrase may begin with a word of that hash. */
bool injection_begins(uint64_t hash);
/* Whether the word can be any sign; else it is enough to count it. */
bool injection_looks(const struct guard_word *word, uint32_t before);
/* Takes one word of a text, and may set view->cut like a detector; nothing is taken then. */
void injection_take(struct injection *injection, const struct guard_spot *spot);
/* Looks for runs of what is not seen in bytes of a text that are gone over once, cut between
 * characters. */
void injection_take_bytes(struct injection *injection, struct text bytes, bool json);
unsigned injection_points(const struct injection *injection);
/* The sign that weighs most, in a word. */
struct text injection_rule(const struct injection *injection);
