/* One walk over the pattern that writes as it reads. A later alternative replaces what an earlier
 * one wrote; a repetition walks its atom again. Steps, depth and output are bounded. */
#include "demo/demo_pattern.h"

#include "document/utf8.h"

enum { STEPS_MAX = 20000, DEPTH_MAX = 32, OUTPUT_MAX = 4096 };

struct sampler {
    struct text pattern;
    size_t at;
    unsigned variant;
    struct buffer *out;
    size_t start; /* of the output */
    unsigned steps;
};

static bool walk_alternatives(struct sampler *sampler, unsigned depth);

static char peek(const struct sampler *sampler)
{
    return sampler->at < sampler->pattern.len ? sampler->pattern.at[sampler->at] : '\0';
}

static bool at_end(const struct sampler *sampler)
{
    return sampler->at >= sampler->pattern.len;
}

static bool take(struct sampler *sampler, const char *word)
{
    if (!text_starts(text_after(sampler->pattern, sampler->at), text_of(word)))
        return false;
    sampler->at += strlen(word);
    return true;
}

static bool put(struct sampler *sampler, struct text text)
{
    buffer_put(sampler->out, text);
    return sampler->out->len - sampler->start <= OUTPUT_MAX;
}

/* The ASCII characters a class or escape stands for. */
struct set {
    bool has[128];
};

static void set_range(struct set *set, unsigned from, unsigned to)
{
    for (unsigned byte = from; byte <= to && byte < 128; byte++)
        set->has[byte] = true;
}

static void set_invert(struct set *set)
{
    for (unsigned byte = 0; byte < 128; byte++)
        set->has[byte] = !set->has[byte];
}

static void set_merge(struct set *set, const struct set *other)
{
    for (unsigned byte = 0; byte < 128; byte++)
        set->has[byte] |= other->has[byte];
}

/* \d \w \s and their opposites; letters for \p{...}. False for any other escape. */
static bool set_of_escape(struct sampler *sampler, struct set *out)
{
    char letter = peek(sampler);

    *out = (struct set){{0}};
    switch (letter) {
    case 'w':
    case 'W':
        set_range(out, 'a', 'z');
        set_range(out, 'A', 'Z');
        out->has['_'] = true;
        set_range(out, '0', '9');
        break;
    case 'd':
    case 'D':
        set_range(out, '0', '9');
        break;
    case 's':
    case 'S':
        out->has[' '] = out->has['\t'] = out->has['\n'] = true;
        break;
    case 'p':
        set_range(out, 'a', 'z');
        set_range(out, 'A', 'Z');
        break;
    default:
        return false;
    }
    sampler->at++;
    if (letter == 'W' || letter == 'D' || letter == 'S')
        set_invert(out);
    if (letter == 'p' && peek(sampler) == '{')
        sampler->at += text_find_byte(text_after(sampler->pattern, sampler->at), '}') + 1;
    return true;
}

static int hex(char byte)
{
    return byte >= '0' && byte <= '9'   ? byte - '0'
           : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
           : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                        : -1;
}

/* \n, \x41, \u0041, or the character itself; its code point, or -1. */
static int64_t escaped_point(struct sampler *sampler)
{
    static const char letters[] = "nrtfv0", means[] = "\n\r\t\f\v";
    char letter = peek(sampler);
    const char *found = letter ? strchr(letters, letter) : NULL;
    int digits = letter == 'x' ? 2 : letter == 'u' ? 4 : 0;
    int64_t point = 0;

    if (at_end(sampler) || (letter >= '1' && letter <= '9') || letter == 'k')
        return -1; /* a reference to a group */
    sampler->at++;
    if (found != NULL)
        return means[found - letters];
    if (digits == 0)
        return (unsigned char)letter;
    while (digits-- > 0) {
        int digit = hex(peek(sampler));

        if (digit < 0)
            return -1;
        point = point * 16 + digit;
        sampler->at++;
    }
    return point >= 0xD800 && point <= 0xDFFF ? -1 : point;
}

/* Writes one character of the set: letters and digits before others, another one at each place. */
static bool put_from_set(struct sampler *sampler, const struct set *set)
{
    static const char *const ranges[] = {"az", "AZ", "09", "!~", "  ", "\t\n"};

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        char members[128];
        size_t count = 0;

        for (int byte = ranges[i][0]; byte <= ranges[i][1]; byte++)
            if (set->has[byte])
                members[count++] = (char)byte;
        if (count > 0) {
            size_t place = sampler->out->len - sampler->start + sampler->variant / 2;

            return put(sampler, (struct text){&members[place % count], 1});
        }
    }
    return false;
}

/* One end of a range inside [...]: its code point, -1 for a whole class (merged), -2 for a mistake.
 */
static int64_t class_point(struct sampler *sampler, struct set *set)
{
    struct set escape;
    uint32_t point;
    size_t bytes;

    if (take(sampler, "\\")) {
        int64_t escaped;

        if (set_of_escape(sampler, &escape)) {
            set_merge(set, &escape);
            return -1;
        }
        if (take(sampler, "b"))
            return '\b';
        escaped = escaped_point(sampler);
        return escaped < 0 ? -2 : escaped;
    }
    bytes = utf8_decode(text_after(sampler->pattern, sampler->at), &point);
    sampler->at += bytes;
    return bytes == 0 ? -2 : (int64_t)point;
}

static bool walk_class(struct sampler *sampler)
{
    struct set set = {{0}};
    bool inverted = take(sampler, "^");

    while (!at_end(sampler) && peek(sampler) != ']') {
        int64_t from = class_point(sampler, &set), to = from;
        size_t back = sampler->at;

        if (from == -2 || ++sampler->steps > STEPS_MAX)
            return false;
        if (from >= 0 && take(sampler, "-") && peek(sampler) != ']') {
            to = class_point(sampler, &set);
            if (to < 0)
                return false;
        } else {
            sampler->at = back;
        }
        if (from >= 0)
            set_range(&set, (unsigned)from, (unsigned)to);
    }
    if (inverted) {
        set_invert(&set);
        memset(set.has, 0, ' ');
        set.has[127] = false;
    }
    return take(sampler, "]") && put_from_set(sampler, &set);
}

/* (...), (?:...), (?<name>...); a look-around is walked and what it wrote taken back. */
static bool walk_group(struct sampler *sampler, unsigned depth)
{
    size_t before = sampler->out->len;
    bool around =
        take(sampler, "?=") || take(sampler, "?!") || take(sampler, "?<=") || take(sampler, "?<!");

    if (!around && take(sampler, "?<"))
        sampler->at += text_find_byte(text_after(sampler->pattern, sampler->at), '>') + 1;
    else if (!around)
        take(sampler, "?:");
    if (!walk_alternatives(sampler, depth + 1) || !take(sampler, ")"))
        return false;
    if (around)
        sampler->out->len = before;
    return true;
}

static bool walk_escape(struct sampler *sampler)
{
    struct set set;
    char bytes[4];
    int64_t point;

    if (take(sampler, "b") || take(sampler, "B"))
        return true;
    if (set_of_escape(sampler, &set))
        return put_from_set(sampler, &set);
    point = escaped_point(sampler);
    return point >= 0 && put(sampler, (struct text){bytes, utf8_encode((uint32_t)point, bytes)});
}

static bool walk_atom(struct sampler *sampler, unsigned depth)
{
    struct set letters = {{0}};
    uint32_t point;
    size_t bytes;

    if (++sampler->steps > STEPS_MAX || depth > DEPTH_MAX)
        return false;
    if (take(sampler, "^") || take(sampler, "$"))
        return true;
    if (take(sampler, "("))
        return walk_group(sampler, depth);
    if (take(sampler, "["))
        return walk_class(sampler);
    if (take(sampler, "\\"))
        return walk_escape(sampler);
    if (take(sampler, ".")) {
        set_range(&letters, 'a', 'z');
        return put_from_set(sampler, &letters);
    }
    if (memchr("*+?{", peek(sampler), 4) != NULL)
        return false;
    bytes = utf8_decode(text_after(sampler->pattern, sampler->at), &point);
    sampler->at += bytes;
    return bytes > 0 &&
           put(sampler, text_first(text_after(sampler->pattern, sampler->at - bytes), bytes));
}

static bool take_number(struct sampler *sampler, uint64_t *out)
{
    size_t from = sampler->at;

    while (peek(sampler) >= '0' && peek(sampler) <= '9')
        sampler->at++;
    return text_to_u64(text_between(sampler->pattern.at + from, sampler->pattern.at + sampler->at),
                       out);
}

/* How often the atom before is wanted; 1 without a quantifier. */
static bool take_times(struct sampler *sampler, uint64_t *out)
{
    uint64_t least = 1, most = 1;

    if (take(sampler, "*"))
        least = 0, most = OUTPUT_MAX;
    else if (take(sampler, "+"))
        least = 1, most = OUTPUT_MAX;
    else if (take(sampler, "?"))
        least = 0, most = 1;
    else if (take(sampler, "{")) {
        if (!take_number(sampler, &least))
            return false;
        most = least;
        if (take(sampler, ",") && !take_number(sampler, &most))
            most = OUTPUT_MAX;
        if (!take(sampler, "}") || most < least)
            return false;
    } else {
        *out = 1;
        return true;
    }
    take(sampler, "?"); /* lazy */
    *out = sampler->variant < most - least ? least + sampler->variant : most;
    return true;
}

/* An atom is written once while it is read; then taken back, or written again. */
static bool walk_term(struct sampler *sampler, unsigned depth)
{
    size_t from = sampler->at, before = sampler->out->len, after;
    uint64_t times;

    if (!walk_atom(sampler, depth) || !take_times(sampler, &times))
        return false;
    after = sampler->at;
    if (times == 0)
        sampler->out->len = before;
    for (uint64_t done = 1; done < times; done++) {
        sampler->at = from;
        if (!walk_atom(sampler, depth))
            return false;
    }
    sampler->at = after;
    return true;
}

static bool walk_terms(struct sampler *sampler, unsigned depth)
{
    while (!at_end(sampler) && peek(sampler) != '|' && peek(sampler) != ')')
        if (!walk_term(sampler, depth))
            return false;
    return true;
}

/* The alternative numbered `variant`, or the last: those before and after it are read and taken
 * back. */
static bool walk_alternatives(struct sampler *sampler, unsigned depth)
{
    size_t before = sampler->out->len;
    unsigned number = 0;

    if (!walk_terms(sampler, depth))
        return false;
    while (take(sampler, "|")) {
        if (number++ < sampler->variant)
            sampler->out->len = before;
        else
            before = sampler->out->len;
        if (!walk_terms(sampler, depth))
            return false;
        if (number > sampler->variant)
            sampler->out->len = before;
    }
    return true;
}

bool demo_pattern(struct text pattern, unsigned variant, struct buffer *out)
{
    struct sampler sampler = {
        .pattern = pattern, .variant = variant, .out = out, .start = out->len};

    if (walk_alternatives(&sampler, 0) && at_end(&sampler))
        return true;
    out->len = sampler.start;
    return false;
}
