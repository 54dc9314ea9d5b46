/* Credentials, by the forms that the services which issue them document: a prefix, and behind it so
 * many characters of one set. */
#include "guard/detect.h"

enum { READ_MAX = 512, JWT_PART_MAX = 4096, BODY_MAX = 96 };

enum set { ALNUM, WORDY, URL64, BASE64, HEX, UPPER32 };

struct prefix {
    const char *prefix;
    enum set set;
    uint8_t least, most; /* characters behind it; 0: any number */
    bool mixed;          /* there are digits and capitals among the first of them */
    const char *rule;
};

/* clang-format off */
static const struct prefix prefixes[] = {
    {"AKIA",          UPPER32, 16, 16, false, "aws_access_key"},
    {"ASIA",          UPPER32, 16, 16, false, "aws_access_key"},
    {"ABIA",          UPPER32, 16, 16, false, "aws_access_key"},
    {"AGE-SECRET-KEY-1", ALNUM, 58, 58, false, "age_key"},
    {"AIza",          URL64,   35, 35, false, "google_api_key"},
    {"ATATT3",        URL64,   40, 0,  false, "atlassian_token"},
    {"AC",            HEX,     32, 32, false, "twilio_key"},
    {"AccountKey=",   BASE64,  80, 0,  false, "azure_key"},
    {"GOCSPX-",       URL64,   28, 0,  false, "google_oauth"},
    {"NRAK-",         ALNUM,   27, 27, false, "newrelic_key"},
    {"PMAK-",         URL64,   40, 0,  false, "postman_key"},
    {"SG.",           URL64,   20, 0,  false, "sendgrid_key"},
    {"SK",            HEX,     32, 32, false, "twilio_key"},
    {"SharedAccessKey=", BASE64, 40, 0, false, "azure_key"},
    {"dapi",          HEX,     32, 32, false, "databricks_token"},
    {"dop_v1_",       HEX,     64, 64, false, "digitalocean_token"},
    {"dp.pt.",        ALNUM,   40, 0,  false, "doppler_token"},
    {"figd_",         URL64,   40, 0,  false, "figma_token"},
    {"ghp_",          ALNUM,   36, 0,  false, "github_token"},
    {"gho_",          ALNUM,   36, 0,  false, "github_token"},
    {"ghu_",          ALNUM,   36, 0,  false, "github_token"},
    {"ghs_",          ALNUM,   36, 0,  false, "github_token"},
    {"ghr_",          ALNUM,   36, 0,  false, "github_token"},
    {"github_pat_",   WORDY,   60, 0,  false, "github_token"},
    {"glpat-",        URL64,   20, 0,  false, "gitlab_token"},
    {"gldt-",         URL64,   20, 0,  false, "gitlab_token"},
    {"glptt-",        URL64,   20, 0,  false, "gitlab_token"},
    {"glrt-",         URL64,   20, 0,  false, "gitlab_token"},
    {"glsa_",         WORDY,   32, 0,  false, "grafana_token"},
    {"gsk_",          ALNUM,   40, 0,  false, "groq_key"},
    {"hf_",           ALNUM,   30, 0,  true,  "huggingface_token"},
    {"hooks.slack.com/services/", BASE64, 30, 0, false, "slack_token"},
    {"hvs.",          URL64,   40, 0,  false, "vault_token"},
    {"key-",          HEX,     32, 32, false, "mailgun_key"},
    {"lin_api_",      ALNUM,   32, 0,  false, "linear_key"},
    {"npm_",          ALNUM,   36, 0,  false, "npm_token"},
    {"pin_live_",     WORDY,   43, 43, false, "pinion_token"},
    {"pin_test_",     WORDY,   43, 43, false, "pinion_token"},
    {"pin_admin_",    WORDY,   42, 42, false, "pinion_token"},
    {"pplx-",         ALNUM,   40, 0,  false, "perplexity_key"},
    {"pypi-AgE",      URL64,   50, 0,  false, "pypi_token"},
    {"r8_",           ALNUM,   37, 37, false, "replicate_token"},
    {"rk_live_",      ALNUM,   16, 0,  false, "stripe_key"},
    {"rk_test_",      ALNUM,   16, 0,  false, "stripe_key"},
    {"shpat_",        HEX,     32, 32, false, "shopify_token"},
    {"shpss_",        HEX,     32, 32, false, "shopify_token"},
    {"sk-ant-",       URL64,   20, 0,  false, "anthropic_key"},
    {"sk-",           URL64,   20, 0,  true,  "openai_key"},
    {"sk_live_",      ALNUM,   16, 0,  false, "stripe_key"},
    {"sk_test_",      ALNUM,   16, 0,  false, "stripe_key"},
    {"sq0atp-",       URL64,   22, 0,  false, "square_token"},
    {"sq0csp-",       URL64,   40, 0,  false, "square_token"},
    {"whsec_",        BASE64,  24, 0,  true,  "stripe_key"},
    {"xai-",          ALNUM,   60, 0,  false, "xai_key"},
    {"xapp-",         URL64,   20, 0,  true,  "slack_token"},
    {"xoxa-",         URL64,   15, 0,  false, "slack_token"},
    {"xoxb-",         URL64,   15, 0,  false, "slack_token"},
    {"xoxe-",         URL64,   15, 0,  false, "slack_token"},
    {"xoxp-",         URL64,   15, 0,  false, "slack_token"},
    {"xoxr-",         URL64,   15, 0,  false, "slack_token"},
    {"xoxs-",         URL64,   15, 0,  false, "slack_token"},
    {"ya29.",         URL64,   30, 0,  false, "google_oauth"},
};
/* clang-format on */

static bool is_in(enum set set, uint32_t folded)
{
    bool alnum = guard_is_alnum(folded);

    switch (set) {
    case ALNUM:
        return alnum;
    case WORDY:
        return alnum || folded == '_';
    case URL64:
        return alnum || folded == '_' || folded == '-';
    case BASE64:
        return alnum || folded == '+' || folded == '/' || folded == '=';
    case HEX:
        return folded - '0' < 10 || fold_lower(folded) - 'a' < 6;
    case UPPER32:
        return folded - 'A' < 26 || folded - '2' < 6;
    }
    return false;
}

static bool starts(struct guard_cursor *cursor, const char *prefix)
{
    for (; *prefix != '\0'; prefix++)
        if (guard_take(cursor) != (unsigned char)*prefix)
            return false;
    return true;
}

/* The run of the set that begins here, as far as it is read. */
static unsigned read_run(struct guard_cursor *cursor, enum set set, unsigned most, bool *out_mixed)
{
    unsigned count = 0;
    bool digit = false, capital = false;

    while (count < most) {
        struct guard_cursor before = *cursor;
        uint32_t folded = guard_take(cursor);

        if (!is_in(set, folded)) {
            *cursor = before;
            break;
        }
        digit |= folded - '0' < 10;
        capital |= folded - 'A' < 26;
        count++;
    }
    *out_mixed = digit && capital;
    return count;
}

/* What a run that is found to be a credential has beyond what was looked at. */
static enum guard_rest rest_of(struct guard_cursor *cursor, enum set set)
{
    bool mixed;

    return read_run(cursor, set, READ_MAX, &mixed) == READ_MAX ? REST_RUN : REST_NONE;
}

static bool has_prefix(const struct guard_spot *spot, const struct prefix *row, size_t *out_end,
                       enum guard_rest *out_rest)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->start);
    unsigned count;
    bool mixed;

    if (!starts(&cursor, row->prefix))
        return false;
    count = read_run(&cursor, row->set, row->most > 0 ? row->most : row->least + 16u, &mixed);
    if (count < row->least || (row->mixed && !mixed))
        return false;
    if (row->most > 0 && guard_is_alnum(guard_peek(&cursor)))
        return false;
    *out_rest = REST_NONE;
    if (row->most == 0)
        *out_rest = rest_of(&cursor, row->set);
    if (row->set == URL64 && strcmp(row->prefix, "SG.") == 0 && guard_peek(&cursor) == '.') {
        guard_take(&cursor);
        *out_rest = rest_of(&cursor, row->set);
    }
    *out_end = cursor.at;
    return true;
}

/* The run of base64url that byte `from` stands in, as far as it matters to a token's first part. */
static size_t follow_part(const struct guard_spot *spot, size_t from, struct guard_memo *memo)
{
    bool known = from >= memo->part_from && from < memo->part_to;
    struct guard_cursor cursor = guard_cursor(spot->view, known ? memo->part_to : from);

    if (!known)
        memo->part_from = memo->part_to = from;
    while (cursor.at - from <= JWT_PART_MAX && is_in(URL64, guard_take(&cursor)))
        memo->part_to = cursor.at;
    return memo->part_to;
}

/* RFC 7519: two JSON objects in base64url, which begin with "eyJ", and a signature. */
static bool detect_jwt(const struct guard_spot *spot, struct guard_memo *memo, size_t *out_end)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->start);
    size_t end;
    bool mixed;

    if (!starts(&cursor, "eyJ"))
        return false;
    end = follow_part(spot, spot->word->start, memo);
    if (end - spot->word->start < 12 || end - spot->word->start > JWT_PART_MAX)
        return false;
    cursor = guard_cursor(spot->view, end);
    if (!starts(&cursor, ".eyJ") || read_run(&cursor, URL64, 8, &mixed) < 8)
        return false;
    *out_end = cursor.at;
    return true;
}

/* -----BEGIN PRIVATE KEY-----, or of a kind that is named in front. */
static bool detect_key_block(const struct guard_spot *spot, size_t *out_end)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->end);
    char label[40];
    size_t len = 0;

    if (spot->before != '-' || spot->word->hash != guard_hash("begin"))
        return false;
    while (len < sizeof label) {
        uint32_t folded = guard_take(&cursor);

        if (folded == '-')
            break;
        if (folded != ' ' && folded - 'A' >= 26 && folded - '0' >= 10)
            return false;
        label[len++] = (char)folded;
    }
    *out_end = cursor.at;
    return text_ends((struct text){label, len}, TEXT(" PRIVATE KEY")) ||
           text_ends((struct text){label, len}, TEXT(" PRIVATE KEY BLOCK"));
}

/* A secret access key has no prefix: 40 characters behind a word that says what they are. */
static bool detect_aws_secret(const struct guard_spot *spot, size_t *out_end)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->start);
    bool mixed;

    if (!spot_hinted(spot, HINT_SECRET))
        return false;
    if (read_run(&cursor, BASE64, 41, &mixed) != 40 || !mixed)
        return false;
    *out_end = cursor.at;
    return true;
}

/* 123456789:AA... of a bot */
static bool detect_telegram(const struct guard_spot *spot, size_t *out_end)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->end);
    bool mixed;

    if (spot->word->next != ':' || spot->word->chars < 8 || spot->word->chars > 10 ||
        spot->word->flags != WORD_DIGITS || guard_take(&cursor) != ':')
        return false;
    *out_end = cursor.at;
    if (read_run(&cursor, URL64, 36, &mixed) != 35 || !mixed)
        return false;
    *out_end = cursor.at;
    return true;
}

bool detect_secret(const struct guard_spot *spot, struct guard_memo *memo, struct text *out_rule,
                   size_t *out_end, enum guard_rest *out_rest)
{
    const struct guard_word *word = spot->word;
    bool joined = word->next == '_' || word->next == '-' || word->next == '.' || word->next == '=';

    *out_rest = REST_NONE;
    if (guard_is_alnum(spot->before))
        return false;
    if (word->next == ' ' && word->chars == 5 && detect_key_block(spot, out_end)) {
        *out_rule = TEXT("private_key");
        *out_rest = REST_KEY;
        return true;
    }
    if (detect_telegram(spot, out_end)) {
        *out_rule = TEXT("telegram_token");
        return true;
    }
    if (spot->before == '-' || spot->before == '_') /* in the midst of something */
        return false;
    if (!joined && word->chars < 16 && word->next != '/' && word->next != '+')
        return false;
    if (detect_jwt(spot, memo, out_end)) {
        *out_rule = TEXT("jwt");
        *out_rest = REST_RUN;
        return true;
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if ((unsigned char)prefixes[i].prefix[0] == word->first &&
            has_prefix(spot, &prefixes[i], out_end, out_rest)) {
            *out_rule = text_of(prefixes[i].rule);
            return true;
        }
    if (!detect_aws_secret(spot, out_end))
        return false;
    *out_rule = TEXT("aws_secret_key");
    return true;
}

/* --- what is longer ------------------------------------------------------------------------------
 */

static bool is_rest(uint32_t folded)
{
    return is_in(BASE64, folded) || folded == '_' || folded == '-' || folded == '.';
}

/* To behind the dashes of -----END ... KEY-----. */
static size_t key_rest(struct guard_view *view, size_t at, size_t left, bool *done)
{
    struct guard_cursor cursor = guard_cursor(view, at);
    size_t limit = at + left;

    for (;;) {
        struct guard_cursor here = cursor, ahead;

        if (cursor.at >= limit || guard_take(&cursor) == GUARD_END) {
            *done = cursor.at >= limit || !view->cut;
            return here.at;
        }
        ahead = here;
        if (!starts(&ahead, "-----END")) {
            if (view->cut) {
                *done = false;
                return here.at;
            }
            continue;
        }
        for (int i = 0; i < 64 && guard_take(&ahead) != '-'; i++)
            continue;
        while (guard_peek(&ahead) == '-')
            guard_take(&ahead);
        *done = !view->cut;
        return *done ? ahead.at : here.at;
    }
}

size_t secret_rest(struct guard_view *view, size_t at, enum guard_rest rest, size_t left,
                   bool *done)
{
    struct guard_cursor cursor = guard_cursor(view, at), before = cursor;

    view->cut = false;
    if (rest == REST_KEY)
        return key_rest(view, at, left, done);
    while (cursor.at < at + left) {
        uint32_t folded = guard_take(&cursor);

        if (!is_rest(folded) && folded != GUARD_END)
            break;
        if (folded == GUARD_END) {
            *done = !view->cut;
            return before.at;
        }
        before = cursor;
    }
    *done = true;
    return before.at;
}
