/* guard/detect.h
 * Private to guard: the detectors. Each looks at one spot, where a word begins, and says whether
 * what it knows begins there, and where that ends. What it says counts only if view->cut is not set
 * afterwards: else it read to the end of what has come so far. Each reads a bounded number of
 * characters. */
#pragma once
#include "guard/kind.h"
#include "guard/read.h"

enum {
    SPOT_LEAD_MAX = 3, /* characters of "+(" in front of a word that may belong to it */
    SPOT_WORDS = 8     /* in front of it may say what follows */
};

struct guard_spot {
    struct guard_view *view;
    const struct guard_word *word;
    size_t lead;     /* byte where the lead begins; word->start: there is none */
    size_t colons;   /* byte where "::" begins that stands directly in front of the word;
                        likewise */
    uint32_t before; /* the character in front of the lead; ' ' at the start of a text */
    uint32_t hints;  /* of the last words in front of it, and of what the text is called */
    bool in_a_row;   /* it stands behind another number, from which a space parts it */
};

/* What of a run is known already, so that no run is gone over twice. All zero before a text. */
struct guard_memo {
    size_t local_from, local_to; /* a run of what a mail address may begin with, and its end ... */
    bool local_at;               /* ... at which an '@' stands */
    size_t part_from, part_to;   /* a run of base64url, and its end */
};

/* Groups of letters and digits with one separator between each two. */
enum { NUMBER_CHARS_MAX = 24, NUMBER_GROUPS_MAX = 20 };
#define NUMBER_GLUED '!' /* a separator and then something that is no number */
struct guard_number {
    char chars[NUMBER_CHARS_MAX + 1]; /* capitals; NUL behind them */
    struct {
        uint8_t chars;     /* in it and in all before it */
        char behind;       /* the separator that follows, or NUMBER_GLUED; NUL: none does */
        size_t start, end; /* bytes */
    } groups[NUMBER_GROUPS_MAX];
    uint8_t count;
    uint8_t digits;                    /* so many are digits before the first letter */
    bool open;                         /* there was no room for more of it */
    int8_t ends[NUMBER_CHARS_MAX + 1]; /* by characters: number_ends */
};
/* Reads the groups from the spot's word on: up to what can be none, or as many as there is room
 * for. What is in *number of an earlier spot of the same text is not read again. */
void number_read(const struct guard_spot *spot, struct guard_number *number);
/* The group with which so many characters end, or -1. What follows it goes on with the number
 * neither directly nor, as `.5`, `-5`, behind a separator other than a space. */
static inline int number_ends(const struct guard_number *number, unsigned chars)
{
    return number->ends[chars];
}
/* Whether the groups up to `last` have these sizes ("324"), with the same separator between all. */
bool number_grouped(const struct guard_number *number, int last, const char *sizes);

/* A detector: *out_end is behind the last byte of what begins at the lead (or, for those that have
 * none, at the word). */
bool detect_email(const struct guard_spot *spot, struct guard_memo *memo, size_t *out_end);
bool detect_phone(const struct guard_spot *spot, size_t *out_end);
bool detect_iban(const struct guard_spot *spot, size_t *out_end);
bool detect_card(const struct guard_spot *spot, const struct guard_number *number, size_t *out_end);
bool detect_ipv4(const struct guard_spot *spot, size_t *out_end);
bool detect_ipv6(const struct guard_spot *spot, size_t *out_end);
/* One of the wanted national numbers. */
bool detect_national(const struct guard_spot *spot, const struct guard_number *number,
                     uint64_t wanted, enum guard_pii_kind *out_kind, size_t *out_end);
/* A credential: *out_rule names its form. It may be longer than a detector reads: *out_rest says
 * what of that which follows still belongs to it. */
enum guard_rest {
    REST_NONE,
    REST_RUN, /* letters, digits and "-_.+/=" */
    REST_KEY  /* everything up to the end of the block of a private key */
};
bool detect_secret(const struct guard_spot *spot, struct guard_memo *memo, struct text *out_rule,
                   size_t *out_end, enum guard_rest *out_rest);
/* Goes over the rest, or as much as has come of it; *done when that was all. `left` is how many
 * bytes it may still have. */
size_t secret_rest(struct guard_view *view, size_t at, enum guard_rest rest, size_t left,
                   bool *done);
enum { SECRET_REST_BYTES_MAX = 16384 };

/* Words in front that say what a number is, in several languages, one list per kind. */
enum guard_hint {
    HINT_PHONE,
    HINT_SSN,
    HINT_NHS,
    HINT_BSN,
    HINT_AADHAAR,
    HINT_SE,
    HINT_CPR,
    HINT_SVNR,
    HINT_NIF,
    HINT_PPS,
    HINT_SIN,
    HINT_TFN,
    HINT_OIB,
    HINT_EGN,
    HINT_RRN,
    HINT_VERSION,
    HINT_SECRET,
    HINT_COUNT,
    HINT_NEVER = HINT_COUNT /* no word helps */
};
/* To be called before the other two, by every thread; costs nothing the second time. */
void guard_hints_prepare(void);
/* Which hints a word is; bits. */
uint32_t guard_hints_of(uint64_t hash);
/* Which hints there are in a text. */
uint32_t guard_hints_in(struct text text);
static inline bool spot_hinted(const struct guard_spot *spot, enum guard_hint hint)
{
    return hint < HINT_COUNT && (spot->hints >> hint & 1) != 0;
}

bool luhn_valid(const char *digits, size_t count);

/* national_checks.c: whether so many characters, which have the kind's form, are a number of that
 * kind. */
bool national_valid(enum guard_pii_kind kind, const char *chars, unsigned count);
