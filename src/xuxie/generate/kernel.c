/* GPT-2 (Radford et al. 2019) over a cache of keys and values, for many rows at once.

   Every number is a sum over one row's own numbers in one order: the same bits whatever rows stand
   beside it, and however many threads share the columns. Compiled by kernel.py; needs the vector
   types of GCC or Clang, no header of torch. */

#ifdef __AVX2__
#include <immintrin.h>
#endif
#include <math.h>
#include <stdint.h>
#include <string.h>

/* A vector is one register: GCC takes apart wider ones in memory, at a seventh of the rate. Sums
   must fit the registers, 32 or 16: two vectors of ROWS rows, MOST vectors of one or two. */
#if defined(__AVX512F__)
#define LANES 16
#define ROWS 13
#elif defined(__AVX__)
#define LANES 8
#define ROWS 6
#else
#define LANES 4
#define ROWS 6
#endif
#define WIDE 32 /* columns of a panel; a panel is [in][WIDE], contiguous */
#define MOST (WIDE / LANES < 4 ? WIDE / LANES : 4)
#define AHEAD 512 /* numbers to fetch before they are needed: up to 1.5 times the rate */
#define UNIT 16 /* a head takes whole units of numbers in memory, on every processor */
#define LINE 64 /* bytes that memory moves at once */
#define INLINE static inline __attribute__((always_inline))

typedef float Vector __attribute__((vector_size(4 * LANES)));
typedef int32_t Whole __attribute__((vector_size(4 * LANES)));
/* The same anywhere in memory. */
typedef float Stored __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int8_t Bytes __attribute__((vector_size(LANES), aligned(1), may_alias));

enum Use { STORE, GELU, ADD };

typedef struct {
    const void *weight; /* panels of float, or of int8 where there are scales */
    const float *scale, *bias; /* a column; NULL for none */
    int64_t in, out;
} Product;

typedef struct {
    const float *gain, *bias;
} Norm;

typedef struct {
    Norm before, between;
    Product attend, attended, widen, narrow;
    float scale;
} Layer;

typedef struct {
    const float *words, *places;
    const Layer *layers;
    Norm last;
    Product head;
    int64_t depth, width, inner, heads;
    float epsilon;
} Model;

/* rows of `room` places; keys [layer][row][head][room / LANES][size][LANES], values
   [layer][row][head][room][size], size rounded up to UNIT, as room is. */
typedef struct {
    float *keys, *values;
    int64_t rows, room;
} Memory;

INLINE Vector load(const float *from) { return *(const Stored *)from; }
INLINE Vector all(float value) { return (Vector){} + value; }
INLINE Vector lower(Vector a, Vector b) {
    Whole first = a < b;
    return (Vector)(((Whole)a & first) | ((Whole)b & ~first));
}
INLINE Vector upper(Vector a, Vector b) {
    Whole first = a > b;
    return (Vector)(((Whole)a & first) | ((Whole)b & ~first));
}

INLINE float total(Vector v) {
    float sums[LANES];
    memcpy(sums, &v, sizeof sums);
#pragma GCC unroll 4
    for (int half = LANES / 2; half; half /= 2)
#pragma GCC unroll 8
        for (int i = 0; i < half; i++) sums[i] += sums[i + half];
    return sums[0];
}

INLINE float largest(Vector v) {
    float most = v[0];
#pragma GCC unroll 16
    for (int i = 1; i < LANES; i++) most = v[i] > most ? v[i] : most;
    return most;
}

/* exp(n ln 2 + r) = 2^n exp(r), |r| <= ln 2 / 2: Taylor's polynomial is exact to 1e-8 there. */
INLINE Vector exponential(Vector x) {
    const Vector shift = all(12582912.f); /* 1.5 * 2^23: adding it rounds to whole numbers */
    x = lower(upper(x, all(-87.f)), all(88.f));
    Vector moved = x * 1.44269504f + shift, n = moved - shift;
    Vector r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    Vector p = all(1 / 5040.f);
    p = p * r + 1 / 720.f;
    p = p * r + 1 / 120.f;
    p = p * r + 1 / 24.f;
    p = p * r + 1 / 6.f;
    p = p * r + 0.5f;
    p = p * r + 1.f;
    p = p * r + 1.f;
    return (Vector)((Whole)p + (((Whole)moved - (Whole)shift) << 23));
}

/* x (1 + tanh u) / 2 = x / (1 + exp(-2 u)) */
INLINE Vector gelu(Vector x) {
    return x / (exponential((x + x * x * x * 0.044715f) * -1.5957691216f) + 1.f);
}

/* By name: GCC 12 takes the bytes one by one where it is left to find the instruction. */
INLINE Whole widened(const int8_t *from) {
#if defined(__AVX512F__)
    return (Whole)_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)from));
#elif defined(__AVX2__)
    return (Whole)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)from));
#else
    return __builtin_convertvector(*(const Bytes *)from, Whole);
#endif
}

INLINE Vector read(const void *panel, int64_t place, int small) {
    if (small) return __builtin_convertvector(widened((const int8_t *)panel + place), Vector);
    return load((const float *)panel + place);
}

INLINE void put(float *to, Vector sum, int64_t columns, enum Use use) {
    float old[LANES] = {0};
    if (use == GELU) sum = gelu(sum);
    if (columns >= LANES) {
        if (use == ADD) sum += load(to);
        *(Stored *)to = sum;
    } else if (columns > 0) {
        if (use == ADD) memcpy(old, to, columns * sizeof(float));
        sum += load(old);
        memcpy(to, &sum, columns * sizeof(float));
    }
}

/* `rows` rows of x times `parts` vectors of columns, all of one panel. */
INLINE void block(const int rows, const int parts, const Product *p, int64_t column, int small,
                  const float *x, float *y, enum Use use) {
    const int64_t inside = column % WIDE, left = p->out - column;
    const int bytes = small ? 1 : 4;
    const char *weight = (const char *)p->weight + ((column - inside) * p->in + inside) * bytes;
    Vector sums[ROWS][MOST], numbers[MOST];
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int i = 0; i < parts; i++) sums[r][i] = all(0);
    for (int64_t k = 0; k < p->in; k++) {
#pragma GCC unroll 2
        for (int line = 0; line < parts * LANES * bytes; line += LINE)
            __builtin_prefetch(weight + (k * WIDE + AHEAD) * bytes + line);
#pragma GCC unroll 4
        for (int i = 0; i < parts; i++) numbers[i] = read(weight, k * WIDE + i * LANES, small);
#pragma GCC unroll 16
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (int i = 0; i < parts; i++) sums[r][i] += numbers[i] * x[r * p->in + k];
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
        for (int i = 0; i < parts; i++) {
            Vector sum = sums[r][i];
            if (small) sum *= load(p->scale + column + i * LANES);
            if (p->bias) sum += load(p->bias + column + i * LANES);
            put(y + r * p->out + column + i * LANES, sum, left - i * LANES, use);
        }
    }
}

/* `rows` rows of x times one panel. */
static __attribute__((noinline)) void columns(const Product *p, int64_t panel, const float *x, int64_t rows,
                                              float *y, enum Use use) {
    int64_t r = 0;
#define BY(n, parts)                                                                           \
    for (; rows - r >= n; r += n)                                                              \
        for (int64_t c = panel * WIDE; c < panel * WIDE + WIDE; c += parts * LANES)            \
            if (p->scale)                                                                      \
                block(n, parts, p, c, 1, x + r * p->in, y + r * p->out, use);                  \
            else                                                                               \
                block(n, parts, p, c, 0, x + r * p->in, y + r * p->out, use)
#if ROWS > 12
    BY(ROWS, 2);
    BY(12, 2);
#endif
    BY(6, 2);
    BY(5, 2);
    BY(4, 2);
    BY(3, 2);
    BY(2, MOST);
    BY(1, MOST);
}

/* y [rows, out] from x [rows, in]; all threads of the team take part. */
static void multiply(const Product *p, const float *x, int64_t rows, float *y, enum Use use) {
#pragma omp for schedule(static)
    for (int64_t panel = 0; panel < (p->out + WIDE - 1) / WIDE; panel++)
        columns(p, panel, x, rows, y, use);
}

static void normalise(const Norm *norm, const Model *m, const float *x, float *y) {
    const int64_t whole = m->width / LANES * LANES;
    Vector sums = all(0), squares = all(0);
    for (int64_t i = 0; i < whole; i += LANES) sums += load(x + i);
    float sum = total(sums);
    for (int64_t i = whole; i < m->width; i++) sum += x[i];
    const float mean = sum / m->width;
    for (int64_t i = 0; i < whole; i += LANES) {
        Vector d = load(x + i) - mean;
        squares += d * d;
    }
    float square = total(squares);
    for (int64_t i = whole; i < m->width; i++) square += (x[i] - mean) * (x[i] - mean);
    const float factor = 1 / sqrtf(square / m->width + m->epsilon);
    for (int64_t i = 0; i < m->width; i++) y[i] = (x[i] - mean) * factor * norm->gain[i] + norm->bias[i];
}

/* scores[0 .. seen) become their softmax times a sum, which is returned; filled to LANES by 0. */
INLINE float softmax(float *scores, int64_t seen) {
    const int64_t end = (seen + LANES - 1) / LANES * LANES;
    Vector most = all(-INFINITY), sums = all(0);
    for (int64_t t = seen; t < end; t++) scores[t] = -INFINITY;
    for (int64_t t = 0; t < end; t += LANES) most = upper(most, load(scores + t));
    const float top = largest(most);
    for (int64_t t = 0; t < end; t += LANES)
        *(Stored *)(scores + t) = exponential(load(scores + t) - top);
    for (int64_t t = seen; t < end; t++) scores[t] = 0;
    for (int64_t t = 0; t < end; t += LANES) sums += load(scores + t);
    return total(sums);
}

/* Sums of the values, weighed, in `parts` vectors of numbers; `left` of them are real. */
INLINE void weigh(const int parts, const float *values, int64_t size, int64_t seen,
                  const float *weights, float sum, float *out, int64_t left) {
    Vector sums[4] = {all(0), all(0), all(0), all(0)};
    for (int64_t t = 0; t < seen; t++)
#pragma GCC unroll 4
        for (int i = 0; i < parts; i++)
            sums[i] += load(values + t * size + i * LANES) * weights[t];
#pragma GCC unroll 4
    for (int i = 0; i < parts; i++) put(out + i * LANES, sums[i] / sum, left - i * LANES, STORE);
}

/* What one head of one row sees in its first `seen` places; size is that of a head in memory. */
static void look(const float *query, const float *keys, const float *values, int64_t size,
                 int64_t real, int64_t seen, float scale, float *scores, float *out) {
    for (int64_t t = 0; t < seen; t += LANES) {
        const float *key = keys + t * size;
        Vector sums[4] = {all(0), all(0), all(0), all(0)};
        int64_t d = 0;
        for (; d + 4 <= real; d += 4)
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) sums[i] += load(key + (d + i) * LANES) * query[d + i];
        for (; d < real; d++) sums[0] += load(key + d * LANES) * query[d];
        *(Stored *)(scores + t) = ((sums[0] + sums[1]) + (sums[2] + sums[3])) * scale;
    }
    const float sum = softmax(scores, seen);
    int64_t d = 0;
    for (; size - d >= 4 * LANES; d += 4 * LANES)
        weigh(4, values + d, size, seen, scores, sum, out + d, real - d);
    for (; d < size; d += LANES) weigh(1, values + d, size, seen, scores, sum, out + d, real - d);
}

/* Keep a token's keys and values of one head; `mixed` [3, heads, real]. */
static void keep(const float *mixed, const Model *m, float *keys, float *values, int64_t size,
                 int64_t place) {
    const int64_t real = m->width / m->heads;
    for (int64_t d = 0; d < real; d++) {
        keys[(place / LANES * size + d) * LANES + place % LANES] = mixed[m->width + d];
        values[place * size + d] = mixed[2 * m->width + d];
    }
}

static void attend(const Model *m, const Layer *layer, int64_t number, const Memory *memory,
                   const float *mixed, const int64_t *rows, const int64_t *places, int64_t count,
                   float *out) {
    const int64_t real = m->width / m->heads, size = (real + UNIT - 1) / UNIT * UNIT;
    float scores[memory->room];
#pragma omp for schedule(static)
    for (int64_t i = 0; i < count * m->heads; i++) {
        const int64_t row = rows[i / m->heads], head = i % m->heads;
        const int64_t at = ((number * memory->rows + row) * m->heads + head) * memory->room * size;
        float *keys = memory->keys + at, *values = memory->values + at;
        if (i >= m->heads && rows[i / m->heads - 1] == row) continue;
        for (int64_t j = i / m->heads; j < count && rows[j] == row; j++) {
            const float *own = mixed + j * 3 * m->width + head * real;
            keep(own, m, keys, values, size, places[j]);
            look(own, keys, values, size, real, places[j] + 1, layer->scale, scores,
                 out + j * m->width + head * real);
        }
    }
}

/* Read `count` tokens, each into a row's place; all earlier places of the row are read or among
   them. `ends`: the tokens whose successors' logits [count of ends, vocabulary] are wanted.
   `space`: count * (5 width + inner) floats. */
void xuxie_read(const Model *m, const Memory *memory, const int64_t *tokens, const int64_t *rows,
                const int64_t *places, int64_t count, const int64_t *ends, int64_t wanted,
                float *logits, float *space, int threads) {
    const int64_t width = m->width;
    float *x = space, *normal = x + count * width, *mixed = normal + count * width;
    float *wide = mixed + count * 3 * width;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
#define EACH(n) _Pragma("omp for schedule(static)") for (int64_t i = 0; i < n; i++)
        EACH(count)
            for (int64_t d = 0; d < width; d++)
                x[i * width + d] = m->words[tokens[i] * width + d] + m->places[places[i] * width + d];
        for (int64_t number = 0; number < m->depth; number++) {
            const Layer *layer = m->layers + number;
            EACH(count) normalise(&layer->before, m, x + i * width, normal + i * width);
            multiply(&layer->attend, normal, count, mixed, STORE);
            attend(m, layer, number, memory, mixed, rows, places, count, normal);
            multiply(&layer->attended, normal, count, x, ADD);
            EACH(count) normalise(&layer->between, m, x + i * width, normal + i * width);
            multiply(&layer->widen, normal, count, wide, GELU);
            multiply(&layer->narrow, wide, count, x, ADD);
        }
        EACH(wanted) normalise(&m->last, m, x + ends[i] * width, normal + i * width);
        multiply(&m->head, normal, wanted, logits, STORE);
    }
}
