// Weights in 4 and 8 bits back to the type in which the model computes. Four bits: two codes a byte, the high
// half first, each one of sixteen numbers (NF4 of https://arxiv.org/abs/2305.14314, or FP4) times its block's
// scale; the scales as they are, or double quantised: 8-bit codes of 256 numbers, in blocks of their own,
// around a mean. Eight bits: whole numbers times their block's scale. Elements are counted row by row over
// the whole matrix; blocks go across rows where rows are no multiple.

#include "numeric.cuh"

constexpr int THREADS = 256;
constexpr int ELEMENTS = 8;  // of one thread at a time: 4 or 8 bytes in, 16 bytes of 16-bit numbers out
constexpr int STEPS = 4;     // independent loads of one thread

// The scale of a block, as float32 values say.
struct FullScales {
    const float* scales;

    DEVICE float operator()(u64 block) const { return scales[block]; }
};

// The scale of a block, double quantised.
struct QuantizedScales {
    const u8* codes;
    const float* numbers;   // (256)
    const float* largest;   // of each block of scales
    const float* mean;      // (1)
    int shift;              // a block of scales is 2^shift of them

    DEVICE float operator()(u64 block) const {
        return fmaf(__ldg(numbers + codes[block]), __ldg(largest + (block >> shift)), __ldg(mean));
    }
};

DEVICE void storeEight(Stored* to, const float (&x)[ELEMENTS]) {
    if constexpr (sizeof(Stored) == 4) {
        const float low[4] = {x[0], x[1], x[2], x[3]};
        const float high[4] = {x[4], x[5], x[6], x[7]};
        store<Stored, 4>(to, low);
        store<Stored, 4>(to + 4, high);
    } else {
        store<Stored, LANES>(to, reinterpret_cast<const float(&)[LANES]>(x));
    }
}

// elements is a multiple of 8, and so is a block, 2^shift elements.
template <class Scales>
DEVICE void fourBit(const u8* codes, const float* numbers, Scales scales, Stored* out, u64 elements, int shift) {
    // Sixteen numbers lie in sixteen banks: no two lanes that want different ones wait for each other.
    __shared__ float table[16];
    if (threadIdx.x < 16) {
        table[threadIdx.x] = numbers[threadIdx.x];
    }
    __syncthreads();
    const u64 first = ((u64) blockIdx.x * STEPS * THREADS + threadIdx.x) * ELEMENTS;
    u32 packed[STEPS];
    float scale[STEPS];
#pragma unroll
    for (int k = 0; k < STEPS; k++) {
        const u64 at = first + (u64) k * THREADS * ELEMENTS;
        if (at < elements) {
            packed[k] = __ldg(reinterpret_cast<const u32*>(codes + at / 2));
            scale[k] = scales(at >> shift);
        }
    }
#pragma unroll
    for (int k = 0; k < STEPS; k++) {
        const u64 at = first + (u64) k * THREADS * ELEMENTS;
        if (at < elements) {
            float x[ELEMENTS];
#pragma unroll
            for (int byte = 0; byte < 4; byte++) {
                const u32 pair = packed[k] >> (8 * byte);
                x[2 * byte] = table[pair >> 4 & 15] * scale[k];
                x[2 * byte + 1] = table[pair & 15] * scale[k];
            }
            storeEight(out + at, x);
        }
    }
}

KERNEL __launch_bounds__(THREADS) dequantize_four_bit(
    const u8* codes, const float* numbers, const float* scales, Stored* out, u64 elements, int shift) {
    fourBit(codes, numbers, FullScales{scales}, out, elements, shift);
}

KERNEL __launch_bounds__(THREADS) dequantize_four_bit_double(
    const u8* codes, const float* numbers, const u8* scaleCodes, const float* scaleNumbers, const float* scaleLargest,
    const float* scaleMean, int scaleShift, Stored* out, u64 elements, int shift) {
    const QuantizedScales scales = {scaleCodes, scaleNumbers, scaleLargest, scaleMean, scaleShift};
    fourBit(codes, numbers, scales, out, elements, shift);
}

DEVICE void expandBytes(uint2 bytes, float scale, float (&x)[ELEMENTS]) {
#pragma unroll
    for (int j = 0; j < ELEMENTS; j++) {
        const u32 word = j < 4 ? bytes.x : bytes.y;
        x[j] = (float) (signed char) (word >> (8 * (j % 4)) & 255) * scale;
    }
}

// elements and a block's size are multiples of 8; a block may be a row of any such width.
KERNEL __launch_bounds__(THREADS) dequantize_eight_bit(
    const signed char* codes, const float* scales, Stored* out, u64 elements, u32 block) {
    const u64 first = ((u64) blockIdx.x * STEPS * THREADS + threadIdx.x) * ELEMENTS;
    uint2 bytes[STEPS];
    float scale[STEPS];
#pragma unroll
    for (int k = 0; k < STEPS; k++) {
        const u64 at = first + (u64) k * THREADS * ELEMENTS;
        if (at < elements) {
            bytes[k] = __ldg(reinterpret_cast<const uint2*>(codes + at));
            scale[k] = scales[at / block];
        }
    }
#pragma unroll
    for (int k = 0; k < STEPS; k++) {
        const u64 at = first + (u64) k * THREADS * ELEMENTS;
        if (at < elements) {
            float x[ELEMENTS];
            expandBytes(bytes[k], scale[k], x);
            storeEight(out + at, x);
        }
    }
}

// Chosen rows of a matrix in 8 bits, such as the embeddings of tokens: one block of threads for each row
// wanted.
KERNEL __launch_bounds__(THREADS) dequantize_eight_bit_rows(
    const signed char* codes, const float* scales, const i64* wanted, Rows<Stored> out, int width, u32 block) {
    const u64 row = (u64) wanted[blockIdx.x] * width;
    Stored* to = out[blockIdx.x];
    for (int i = threadIdx.x * ELEMENTS; i < width; i += blockDim.x * ELEMENTS) {
        float x[ELEMENTS];
        expandBytes(*reinterpret_cast<const uint2*>(codes + row + i), scales[(row + i) / block], x);
        storeEight(to + i, x);
    }
}
