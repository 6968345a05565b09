#include "CSimdJSON.h"

// The walk below visits every value once and in order, which is all that the development checks look after.
#define SIMDJSON_DEVELOPMENT_CHECKS 0
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <locale.h>
#include <new>
#include <string_view>
#include <utility>

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

namespace {

// A growing array of plain values that says when memory ends instead of throwing: no exception may cross into Swift.
template <typename Element> class Buffer {
public:
    Buffer() = default;
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    ~Buffer() { std::free(elements_); }

    Element *data() const { return elements_; }
    size_t capacity() const { return capacity_; }

    bool reserve(size_t count) {
        if (count <= capacity_) { return true; }
        size_t wanted = capacity_ < 1024 ? 1024 : capacity_;
        while (wanted < count) { wanted *= 2; }
        void *grown = std::realloc(elements_, wanted * sizeof(Element));
        if (grown == nullptr) { return false; }
        elements_ = static_cast<Element *>(grown);
        capacity_ = wanted;
        return true;
    }

private:
    Element *elements_ = nullptr;
    size_t capacity_ = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char *skip_digits(const char *p, const char *end) {
    while (p < end && is_digit(*p)) { p++; }
    return p;
}

// RFC 8259, section 6: number = [ minus ] int [ frac ] [ exp ].
bool is_number(std::string_view text) {
    const char *p = text.data(), *end = p + text.size();
    if (p < end && *p == '-') { p++; }
    const char *integer = p;
    p = skip_digits(p, end);
    if (p == integer || (*integer == '0' && p - integer > 1)) { return false; }
    if (p < end && *p == '.') {
        const char *fraction = ++p;
        p = skip_digits(p, end);
        if (p == fraction) { return false; }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) { p++; }
        const char *exponent = p;
        p = skip_digits(p, end);
        if (p == exponent) { return false; }
    }
    return p == end;
}

std::string_view without_trailing_space(std::string_view text) {
    while (!text.empty()) {
        char last = text.back();
        if (last != ' ' && last != '\t' && last != '\n' && last != '\r') { break; }
        text.remove_suffix(1);
    }
    return text;
}

void set_text(CSimdJSONToken &token, std::string_view text) {
    token.text = reinterpret_cast<const uint8_t *>(text.data());
    token.text_count = static_cast<uint32_t>(text.size());
}

error_code set_constant(CSimdJSONToken &token, CSimdJSONKind kind, std::string_view raw, std::string_view spelling) {
    if (raw != spelling) { return simdjson::TAPE_ERROR; }
    token.kind = kind;
    return simdjson::SUCCESS;
}

error_code set_key(CSimdJSONToken &token, ondemand::field &field) {
    const char *start = field.key().raw(), *end = start;
    // The first pass over the text made sure that every string is closed.
    while (*end != '"' && *end != '\\') { end++; }
    std::string_view key(start, static_cast<size_t>(end - start));
    if (*end == '\\') {
        if (error_code error = field.unescaped_key().get(key)) { return error; }
    }
    token.key = reinterpret_cast<const uint8_t *>(key.data());
    token.key_count = static_cast<uint32_t>(key.size());
    return simdjson::SUCCESS;
}

// Nearly every string has no escape and is lent as it stands; the others are unescaped into the parser's own memory.
error_code set_string(CSimdJSONToken &token, ondemand::value &value, std::string_view raw) {
    if (raw.size() < 2 || raw.back() != '"') { return simdjson::STRING_ERROR; }
    std::string_view text = raw.substr(1, raw.size() - 2);
    if (std::memchr(text.data(), '\\', text.size()) != nullptr) {
        if (error_code error = value.get_string().get(text)) { return error; }
    }
    token.kind = CSIMDJSON_STRING;
    set_text(token, text);
    return simdjson::SUCCESS;
}

// simdjson 3.0.1 reads up to 19 digits right but drops what is beyond: its on-demand face makes 0 of 0.12345678901234567890123, and refuses
// integers beyond 64 bits, which are JSON all the same. Longer numbers are the C library's, of which the text ends before a structural
// character or white space.
error_code set_number(CSimdJSONToken &token, ondemand::value &value, std::string_view raw) {
    static const locale_t c_locale = newlocale(LC_ALL_MASK, "C", nullptr);
    constexpr size_t digits_max = 19;
    if (raw.size() > digits_max || value.get_double().get(token.number)) {
        if (!is_number(raw)) { return simdjson::NUMBER_ERROR; }
        token.number = strtod_l(raw.data(), nullptr, c_locale);
    }
    token.kind = std::isfinite(token.number) ? CSIMDJSON_NUMBER : CSIMDJSON_NUMBER_OVERFLOW;
    set_text(token, raw);
    return simdjson::SUCCESS;
}

} // namespace

struct CSimdJSONParser {
    CSimdJSONResult parse(const void *bytes, size_t count, uint32_t depth_max);

private:
    error_code load(const void *bytes, size_t count);
    error_code walk_document(ondemand::document &document);
    error_code walk_object(ondemand::object object, size_t self, uint32_t depth);
    error_code walk_array(ondemand::array array, size_t self, uint32_t depth);
    error_code walk_value(ondemand::value &&value, CSimdJSONToken &token, uint32_t depth);
    CSimdJSONToken *add_token();

    ondemand::parser parser_;
    Buffer<uint8_t> document_;
    Buffer<CSimdJSONToken> tokens_;
    size_t count_ = 0;
    uint32_t depth_max_ = 0;
};

CSimdJSONResult CSimdJSONParser::parse(const void *bytes, size_t count, uint32_t depth_max) {
    count_ = 0;
    depth_max_ = depth_max;
    ondemand::document document;
    error_code error = load(bytes, count);
    if (!error) { error = parser_.iterate(document_.data(), count, count + simdjson::SIMDJSON_PADDING).get(document); }
    if (!error) { error = walk_document(document); }
    switch (error) {
    case simdjson::SUCCESS: return {CSIMDJSON_OK, nullptr, tokens_.data(), count_};
    case simdjson::DEPTH_ERROR: return {CSIMDJSON_TOO_DEEP, simdjson::error_message(error), nullptr, 0};
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return {CSIMDJSON_NO_MEMORY, simdjson::error_message(error), nullptr, 0};
    default:
        CSimdJSONStatus status = error == simdjson::INCORRECT_TYPE && count_ == 0 ? CSIMDJSON_NOT_AN_OBJECT : CSIMDJSON_NOT_JSON;
        return {status, simdjson::error_message(error), nullptr, 0};
    }
}

// simdjson reads whole vectors, beyond the end of the text too, so the text is copied in front of zeros. Capacities go by powers of two,
// or each document longer than the last would allocate.
error_code CSimdJSONParser::load(const void *bytes, size_t count) {
    if (count == 0) { return simdjson::EMPTY; }
    if (count > simdjson::SIMDJSON_MAXSIZE_BYTES / 4) { return simdjson::CAPACITY; }
    if (!document_.reserve(count + simdjson::SIMDJSON_PADDING)) { return simdjson::MEMALLOC; }
    if (parser_.capacity() < count) {
        if (error_code error = parser_.allocate(document_.capacity())) { return error; }
    }
    std::memcpy(document_.data(), bytes, count);
    std::memset(document_.data() + count, 0, simdjson::SIMDJSON_PADDING);
    return simdjson::SUCCESS;
}

error_code CSimdJSONParser::walk_document(ondemand::document &document) {
    ondemand::object root;
    if (error_code error = document.get_object().get(root)) { return error; }
    CSimdJSONToken *token = add_token();
    if (token == nullptr) { return simdjson::MEMALLOC; }
    token->key = nullptr;
    token->key_count = 0;
    token->kind = CSIMDJSON_OBJECT;
    if (error_code error = walk_object(root, 0, 1)) { return error; }
    // There is a next token, and so a location, only where something follows the root.
    bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return at_end ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
}

error_code CSimdJSONParser::walk_object(ondemand::object object, size_t self, uint32_t depth) {
    if (depth > depth_max_) { return simdjson::DEPTH_ERROR; }
    for (auto entry : object) {
        if (entry.error()) { return entry.error(); }
        ondemand::field &&field = std::move(entry).value_unsafe();
        CSimdJSONToken *token = add_token();
        if (token == nullptr) { return simdjson::MEMALLOC; }
        if (error_code error = set_key(*token, field)) { return error; }
        if (error_code error = walk_value(std::move(field).value(), *token, depth)) { return error; }
    }
    tokens_.data()[self].span = static_cast<uint32_t>(count_ - self);
    return simdjson::SUCCESS;
}

error_code CSimdJSONParser::walk_array(ondemand::array array, size_t self, uint32_t depth) {
    if (depth > depth_max_) { return simdjson::DEPTH_ERROR; }
    for (auto entry : array) {
        if (entry.error()) { return entry.error(); }
        CSimdJSONToken *token = add_token();
        if (token == nullptr) { return simdjson::MEMALLOC; }
        token->key = nullptr;
        token->key_count = 0;
        if (error_code error = walk_value(std::move(entry).value_unsafe(), *token, depth)) { return error; }
    }
    tokens_.data()[self].span = static_cast<uint32_t>(count_ - self);
    return simdjson::SUCCESS;
}

// `token` is not to be touched once a container's members are added: they may move the tape.
error_code CSimdJSONParser::walk_value(ondemand::value &&value, CSimdJSONToken &token, uint32_t depth) {
    std::string_view raw = without_trailing_space(value.raw_json_token());
    if (raw.empty()) { return simdjson::TAPE_ERROR; }
    size_t self = count_ - 1;
    switch (raw.front()) {
    case '"': return set_string(token, value, raw);
    case 't': return set_constant(token, CSIMDJSON_TRUE, raw, "true");
    case 'f': return set_constant(token, CSIMDJSON_FALSE, raw, "false");
    case 'n': return set_constant(token, CSIMDJSON_NULL, raw, "null");
    case '{': {
        token.kind = CSIMDJSON_OBJECT;
        ondemand::object object;
        if (error_code error = value.get_object().get(object)) { return error; }
        return walk_object(object, self, depth + 1);
    }
    case '[': {
        token.kind = CSIMDJSON_ARRAY;
        ondemand::array array;
        if (error_code error = value.get_array().get(array)) { return error; }
        return walk_array(array, self, depth + 1);
    }
    default: return set_number(token, value, raw);
    }
}

// The token is filled where it lies: copying one whole, right after its parts were written, stalls on the store buffer.
CSimdJSONToken *CSimdJSONParser::add_token() {
    if (!tokens_.reserve(count_ + 1)) { return nullptr; }
    CSimdJSONToken *token = tokens_.data() + count_++;
    token->span = 1;
    return token;
}

CSimdJSONParser *csimdjson_parser_create(void) { return new (std::nothrow) CSimdJSONParser; }

void csimdjson_parser_destroy(CSimdJSONParser *parser) { delete parser; }

CSimdJSONResult csimdjson_parse(CSimdJSONParser *parser, const void *bytes, size_t count, uint32_t depth_max) {
    return parser->parse(bytes, count, depth_max);
}
