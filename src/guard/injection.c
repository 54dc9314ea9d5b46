#include "guard/injection.h"

#include "document/utf8.h"

#include <pthread.h>

enum {
    NEAR_WORDS = 9,
    SHOW_WORDS = 7,
    QUIET_WORDS = 3,
    ENCODED_WORDS = 40,
    ENCODED_CHARS = 32,
    TAGS_RUN = 8,
    UNSEEN_RUN = 4
};

/* What a phrase of the lexicon is to the signs. */
enum sense {
    FORGET,
    PRIOR,
    ORDERS,
    SHOW,
    PROMPT,
    ROLE,
    UNBOUND,
    NEW_ORDERS,
    SECRECY,
    CODE,
    HARMLESS,
    FORGET_LAST
};

static const char *const lexicon[][48] = {
    [FORGET] = {"ignore",
                "disregard",
                "forget",
                "override",
                "overrule",
                "neglect",
                "bypass",
                "ignoriere",
                "ignorieren",
                "vergiss",
                "missachte",
                "ignorez",
                "ignore",
                "oublie",
                "oubliez",
                "ignora",
                "ignorad",
                "olvida",
                "olvide",
                "ignorar",
                "dimentica",
                "trascura",
                "ignorare",
                "esqueca",
                "ignorem",
                "desconsidere",
                "negeer",
                "vergeet",
                "zignoruj",
                "zapomnij",
                "игнорируй",
                "игнорируйте",
                "забудь",
                "забудьте",
                "忽略",
                "忘记",
                "无视",
                "無視",
                "無視して",
                "忘れて",
                "무시하고",
                "무시해",
                "yoksay",
                "do not follow",
                "don't follow",
                "stop following",
                "pay no attention to"},
    [PRIOR] = {"previous",   "prior",      "above",       "earlier",    "preceding",   "foregoing",
               "before",     "all",        "any",         "vorherigen", "vorherige",   "bisherigen",
               "obigen",     "alle",       "precedentes", "precedente", "anterieures", "toutes",
               "anteriores", "previas",    "todas",       "precedenti", "tutte",       "vorige",
               "eerdere",    "poprzednie", "wszystkie",   "предыдущие", "все",         "之前",
               "以前",       "先前",       "上述",        "以上",       "これまで",    "이전",
               "onceki",     "initial",    "original",    "system",     "everything"},
    [ORDERS] = {"instruction",  "instructions",  "prompt",
                "prompts",      "rules",         "directions",
                "directives",   "guidelines",    "commands",
                "constraints",  "anweisungen",   "anweisung",
                "regeln",       "vorgaben",      "consignes",
                "regles",       "instrucciones", "reglas",
                "istruzioni",   "regole",        "instrucoes",
                "regras",       "instructies",   "regels",
                "instrukcje",   "polecenia",     "инструкции",
                "указания",     "правила",       "指令",
                "指示",         "说明",          "命令",
                "規則",         "지시",          "지침",
                "talimatlari",  "you were told", "you have been told",
                "i said before"},
    [SHOW] = {"reveal", "print",      "show",     "repeat",  "output",  "display",  "tell",
              "give",   "leak",       "disclose", "expose",  "what is", "what are", "zeige",
              "nenne",  "wiederhole", "montre",   "affiche", "revele",  "muestra",  "revela",
              "mostra", "mostre",     "toon",     "pokaz",   "покажи",  "выведи",   "显示",
              "告诉",   "输出",       "教えて",   "表示",    "보여줘"},
    [PROMPT] = {"system prompt",       "system message",     "your prompt",
                "your instructions",   "initial prompt",     "initial instructions",
                "hidden instructions", "hidden prompt",      "original instructions",
                "systemprompt",        "deine anweisungen",  "deinen anweisungen",
                "vos instructions",    "tes instructions",   "prompt systeme",
                "tus instrucciones",   "prompt del sistema", "le tue istruzioni",
                "suas instrucoes",     "je instructies",     "системный промпт",
                "твои инструкции",     "系统提示",           "你的指令"},
    [ROLE] = {"you are now", "you're now", "act as", "pretend to be", "pretend you are",
              "roleplay as", "from now on you", "you will now", "du bist jetzt", "du bist nun",
              "tu es maintenant", "tu es desormais", "ahora eres", "ora sei", "agora voce e",
              "je bent nu", "теперь ты", "你现在是", "あなたは今"},
    [UNBOUND] = {"do anything now",      "jailbreak",         "jailbroken",
                 "developer mode",       "god mode",          "without any restrictions",
                 "without restrictions", "no restrictions",   "unrestricted",
                 "without any rules",    "no rules",          "no ethical",
                 "no filters",           "unfiltered",        "uncensored",
                 "ohne einschrankungen", "sans restrictions", "sin restricciones",
                 "senza restrizioni",    "sem restricoes",    "без ограничений"},
    [NEW_ORDERS] = {"new instructions", "your new instructions", "updated instructions",
                    "actual instructions", "real instructions", "your real task",
                    "your actual task", "instead do", "neue anweisungen", "nouvelles instructions",
                    "nuevas instrucciones", "nuove istruzioni", "новые инструкции", "新的指令"},
    [SECRECY] = {"do not tell the user", "don't tell the user", "do not mention this",
                 "don't mention this", "without telling the user", "keep this secret",
                 "do not reveal this", "sag dem nutzer nicht", "ne dis pas a l'utilisateur",
                 "no le digas al usuario"},
    [CODE] = {"base64", "base 64", "rot13", "hex encoded"},
    [FORGET_LAST] = {"無視して", "無視し", "忘れて", "무시하고", "무시해", "무시하세요", "잊어",
                     "잊고", "yoksay", "unut"},
    [HARMLESS] = {"don't forget", "do not forget", "never forget", "don't ignore", "do not ignore",
                  "never ignore", "not to forget", "nicht vergessen", "vergiss nicht",
                  "n'oubliez pas", "n'oublie pas", "no olvides", "no olvide", "non dimenticare",
                  "nao esqueca", "vergeet niet", "не забудьте", "не забудь"},
};
enum { SENSES = sizeof lexicon / sizeof *lexicon, PHRASES_MAX = SENSES * 48 };

static const struct {
    struct text word;
    unsigned points;
} signs[SIGN_COUNT] = {
#define X(name, word, points) {TEXT_INIT(word), points},
    INJECTION_SIGNS(X)
#undef X
};

/* Built once and kept for as long as the process lives. */
static struct arena arena;
static const struct guard_phrases *phrases;
static const char *const sure[] = {"im", "inst", "sys", "endoftext", "eot"};
static const char *const maybe[] = {"system", "assistant", "human", "user", "developer"};
static uint64_t sure_hashes[5], maybe_hashes[5];
static pthread_once_t built = PTHREAD_ONCE_INIT;

static void build(void)
{
    static struct guard_phrase items[PHRASES_MAX];
    size_t count = 0;

    for (uint32_t sense = 0; sense < SENSES; sense++)
        for (size_t i = 0; i < 48 && lexicon[sense][i] != NULL; i++)
            items[count++] = (struct guard_phrase){text_of(lexicon[sense][i]), sense};
    phrases = guard_phrases_new(&arena, items, count);
    for (size_t i = 0; i < 5; i++) {
        sure_hashes[i] = guard_hash(sure[i]);
        maybe_hashes[i] = guard_hash(maybe[i]);
    }
}

void injection_prepare(void)
{
    pthread_once(&built, build);
}

static bool near(const struct injection *injection, uint32_t word, uint32_t words)
{
    return word != 0 && injection->words - word <= words;
}

static void see(struct injection *injection, enum injection_sign sign)
{
    injection->signs |= 1u << sign;
}

/* "Forget", and behind it what is to be forgotten, in the order of whatever language. */
static void look_for_override(struct injection *injection)
{
    if (!near(injection, injection->forget, NEAR_WORDS) || injection->orders < injection->forget)
        return;
    see(injection, SIGN_OVERRIDE_MAYBE);
    if (injection->prior >= injection->forget)
        see(injection, SIGN_OVERRIDE);
}

static void take_sense(struct injection *injection, enum sense sense)
{
    switch (sense) {
    case FORGET:
        if (injection->words > injection->quiet && !near(injection, injection->forget, NEAR_WORDS))
            injection->forget = injection->words;
        break;
    case PRIOR:
        injection->prior = injection->words;
        look_for_override(injection);
        break;
    case ORDERS:
        injection->orders = injection->words;
        look_for_override(injection);
        break;
    case SHOW:
        injection->show = injection->words;
        break;
    case PROMPT:
        injection->orders = injection->words;
        look_for_override(injection);
        see(injection,
            near(injection, injection->show, SHOW_WORDS) ? SIGN_PROMPT_LEAK : SIGN_PROMPT_NAMED);
        break;
    case ROLE:
        see(injection, SIGN_ROLE);
        break;
    case UNBOUND:
        see(injection, SIGN_UNBOUND);
        break;
    case NEW_ORDERS:
        see(injection, SIGN_NEW_ORDERS);
        break;
    case SECRECY:
        see(injection, SIGN_SECRECY);
        break;
    case CODE:
        injection->encoded = injection->words;
        break;
    case FORGET_LAST: /* in languages that say it in the end */
        if (near(injection, injection->orders, NEAR_WORDS))
            see(injection, near(injection, injection->prior, NEAR_WORDS + 2) ? SIGN_OVERRIDE
                                                                             : SIGN_OVERRIDE_MAYBE);
        break;
    case HARMLESS:
        injection->quiet = injection->words + QUIET_WORDS;
        break;
    }
}

/* What parts the roles of a conversation in the text that a model reads. */
static void look_for_marker(struct injection *injection, const struct guard_spot *spot)
{
    uint32_t before = spot->before, next = spot->word->next;

    for (size_t i = 0; i < 5; i++) {
        if (spot->word->hash == sure_hashes[i] &&
            (((before == '|' && (next == '_' || next == '|'))) || (before == '[' && next == ']') ||
             (before == '/' && next == ']') || (before == '<' && next == '>' && i == 2)))
            see(injection, SIGN_MARKER);
        if (spot->word->hash == maybe_hashes[i] &&
            ((before == '|' && next == '|') || (i == 0 && before == '<' && next == '>') ||
             (before == '\n' && next == ':' && i != 3)))
            see(injection, before == '|' ? SIGN_MARKER : SIGN_MARKER_MAYBE);
    }
}

static bool may_mark(uint32_t before)
{
    return before == '|' || before == '[' || before == '/' || before == '<' || before == '\n';
}

bool injection_begins(uint64_t hash)
{
    return guard_filter_has(phrases, hash);
}

bool injection_looks(const struct guard_word *word, uint32_t before)
{
    return may_mark(before) || word->chars >= ENCODED_CHARS || guard_phrases_may(phrases, word);
}

void injection_take(struct injection *injection, const struct guard_spot *spot)
{
    const struct guard_word *word = spot->word;
    uint32_t sense;
    size_t end;

    if (guard_phrases_at(phrases, spot->view, word, &sense, &end) && !spot->view->cut) {
        injection->words++;
        take_sense(injection, (enum sense)sense);
    } else if (!spot->view->cut) {
        injection->words++;
    }
    if (spot->view->cut)
        return;
    if (may_mark(spot->before))
        look_for_marker(injection, spot);
    if (word->chars >= ENCODED_CHARS && near(injection, injection->encoded, ENCODED_WORDS) &&
        (word->flags & (WORD_DIGITS | WORD_UPPER)) != 0)
        see(injection, SIGN_ENCODED);
}

static bool is_unseen(uint32_t point)
{
    return (point >= 0x200B && point <= 0x200D) || point == 0x2060 || point == 0xFEFF;
}

/* Tags (U+E0000 to U+E007F), of which a flag has no more than seven, and what has no width. */
void injection_take_bytes(struct injection *injection, struct text bytes, bool json)
{
    struct guard_view view = {.text = bytes, .ended = true, .json = json};
    uint32_t point;

    if (bytes.len > 0 && utf8_is_ascii(bytes) &&
        (!json || text_find_byte(bytes, '\\') == bytes.len)) {
        injection->tags = injection->unseen = 0;
        return;
    }
    for (size_t at = 0; at < bytes.len;) {
        size_t taken;

        if ((unsigned char)bytes.at[at] < 0x80 && (!json || bytes.at[at] != '\\')) {
            injection->tags = injection->unseen = 0;
            at++;
            continue;
        }
        taken = guard_point(&view, at, &point);
        injection->tags = point >= 0xE0000 && point <= 0xE007F ? injection->tags + 1 : 0;
        injection->unseen = is_unseen(point) ? injection->unseen + 1 : 0;
        if (injection->tags >= TAGS_RUN || injection->unseen >= UNSEEN_RUN)
            see(injection, SIGN_SMUGGLED);
        at += taken > 0 ? taken : 1;
    }
}

unsigned injection_points(const struct injection *injection)
{
    uint32_t seen = injection->signs;
    unsigned points = 0;

    if ((seen & 1u << SIGN_OVERRIDE) != 0)
        seen &= ~(1u << SIGN_OVERRIDE_MAYBE);
    if ((seen & 1u << SIGN_PROMPT_LEAK) != 0)
        seen &= ~(1u << SIGN_PROMPT_NAMED);
    for (int i = 0; i < SIGN_COUNT; i++)
        points += (seen >> i & 1) != 0 ? signs[i].points : 0;
    return points;
}

struct text injection_rule(const struct injection *injection)
{
    unsigned most = 0;
    struct text rule = {0};

    for (int i = 0; i < SIGN_COUNT; i++)
        if ((injection->signs >> i & 1) != 0 && signs[i].points > most) {
            most = signs[i].points;
            rule = signs[i].word;
        }
    return rule;
}
