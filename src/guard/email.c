/* Addresses of mail (RFC 5321, without quoted local parts and address literals), also in scripts
 * beyond ASCII. */
#include "guard/detect.h"

enum { LOCAL_BYTES_MAX = 320, DOMAIN_CHARS_MAX = 255, LABEL_CHARS_MAX = 63 };

static bool is_local(uint32_t folded)
{
    static const char marks[] = "._-+%&'*/=?^`{|}~!#$";

    if (folded < 0x80)
        return guard_is_alnum(folded) || (folded != 0 && strchr(marks, (int)folded) != NULL);
    return folded != GUARD_END && fold_kind(folded) == FOLD_LETTER;
}

static bool is_label(uint32_t folded)
{
    return guard_is_alnum(folded) || folded == '-' ||
           (folded >= 0x80 && folded != GUARD_END && fold_kind(folded) != FOLD_NONE);
}

/* Where the run of local characters ends that byte `from` stands in, as far as it matters there. */
static void follow_local(const struct guard_spot *spot, size_t from, struct guard_memo *memo)
{
    bool known = from >= memo->local_from && from < memo->local_to;
    struct guard_cursor cursor = guard_cursor(spot->view, known ? memo->local_to : from);
    bool ends = false;

    if (!known)
        *memo = (struct guard_memo){.local_from = from, .local_to = from};
    while (!ends && cursor.at - from <= LOCAL_BYTES_MAX) {
        uint32_t folded = guard_take(&cursor);

        ends = !is_local(folded);
        if (ends)
            memo->local_at = folded == '@';
        else
            memo->local_to = cursor.at;
    }
}

/* Labels of which the last is no number; at least two. */
static bool read_domain(struct guard_cursor *cursor, size_t *out_end)
{
    unsigned chars = 0, label = 0, letters = 0, labels = 0;
    bool good = false;

    while (chars++ < DOMAIN_CHARS_MAX) {
        struct guard_cursor before = *cursor;
        uint32_t folded = guard_take(cursor);

        if (is_label(folded) && label < LABEL_CHARS_MAX) {
            label++;
            letters += folded != '-' && folded - '0' >= 10;
            if (labels > 0 && label >= 2 && letters >= 2 && folded != '-') {
                *out_end = cursor->at;
                good = true;
            }
            continue;
        }
        if (folded != '.' || label == 0)
            return *cursor = before, good;
        labels++;
        label = letters = 0;
    }
    return good;
}

bool detect_email(const struct guard_spot *spot, struct guard_memo *memo, size_t *out_end)
{
    size_t from = spot->word->start;
    struct guard_cursor cursor;

    if (spot->word->next != '@' && !is_local(spot->word->next))
        return false;
    if (spot->word->next != '@') {
        follow_local(spot, from, memo);
        if (!memo->local_at || memo->local_to - from > LOCAL_BYTES_MAX)
            return false;
        cursor = guard_cursor(spot->view, memo->local_to);
    } else {
        cursor = guard_cursor(spot->view, spot->word->end);
    }
    if (guard_take(&cursor) != '@')
        return false;
    return read_domain(&cursor, out_end);
}
