// Optional CPU kernels (activations in bf16, or fp32 with -DFP32; fp32 maths) for the element-wise parts of the VAE and the DiT.
// Compiled on first use by ops.py:  gcc -Ofast -march=native -fopenmp -shared -fPIC fused.c
// Everything here has a plain PyTorch fallback; the kernels only save memory traffic.
#include <stdint.h>
#include <string.h>
#include <math.h>
#include <stdlib.h>
#ifdef FP32   // processors without bf16 matrix units
typedef float bf;
#define b2f(v) (v)
#define f2b(v) (v)
#else
typedef uint16_t bf;
static inline float b2f(bf v) { uint32_t u = (uint32_t)v << 16; float f; memcpy(&f, &u, 4); return f; }
static inline bf f2b(float f) { uint32_t u; memcpy(&u, &f, 4); return (bf)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16); }
#endif
#define MAXC 1024

// ---- GroupNorm + optional SiLU on N x HW x C (channels last), C a multiple of 32 --------------
// Channels are handled in blocks of 32 so that the accumulators stay in registers; gcc vectorises the inner loops.
#define K 32
// (the clamp: -Ofast divides by reciprocal + Newton step, which turns a division by infinity into NaN)
static inline float sig(float z) { return 1.f / (1.f + expf(-(z < -60.f ? -60.f : z))); }
void gn_fwd(const bf* x, bf* y, const float* g, const float* b, float* mean, float* rstd, int N, int HW, int C, int G, float eps, int act) {
#pragma omp parallel for schedule(static)
  for (int n = 0; n < N; n++) {
    const bf* xn = x + (size_t)n * HW * C; bf* yn = y + (size_t)n * HW * C;
    float S[MAXC], Q[MAXC], A[MAXC], B[MAXC];
    for (int c0 = 0; c0 < C; c0 += K) {
      float s[K] = {0}, q[K] = {0}; const bf* r = xn + c0;
      for (int i = 0; i < HW; i++, r += C) for (int c = 0; c < K; c++) { float u = b2f(r[c]); s[c] += u; q[c] += u * u; }
      memcpy(S + c0, s, sizeof s); memcpy(Q + c0, q, sizeof q);
    }
    int cg = C / G;
    for (int k = 0; k < G; k++) {
      double a = 0, d = 0; for (int c = k * cg; c < (k + 1) * cg; c++) { a += S[c]; d += Q[c]; }
      double m = a / ((double)HW * cg), v = d / ((double)HW * cg) - m * m; if (v < 0) v = 0;
      float r = (float)(1.0 / sqrt(v + eps)); mean[n * G + k] = (float)m; rstd[n * G + k] = r;
      for (int c = k * cg; c < (k + 1) * cg; c++) { A[c] = g[c] * r; B[c] = b[c] - (float)m * r * g[c]; }
    }
    for (int i = 0; i < HW; i++) {
      const bf* r = xn + (size_t)i * C; bf* w = yn + (size_t)i * C;
      if (act) for (int c = 0; c < C; c++) { float u = b2f(r[c]) * A[c] + B[c]; w[c] = f2b(u * sig(u)); }
      else for (int c = 0; c < C; c++) w[c] = f2b(b2f(r[c]) * A[c] + B[c]);
    }
  }
}
// dg, db: N x C partial sums
void gn_bwd(const bf* x, const bf* dy, bf* dx, const float* g, const float* b, const float* mean, const float* rstd, float* dg, float* db, int N, int HW, int C, int G, int act) {
#pragma omp parallel for schedule(static)
  for (int n = 0; n < N; n++) {
    const bf* xn = x + (size_t)n * HW * C; const bf* dn = dy + (size_t)n * HW * C; bf* on = dx + (size_t)n * HW * C;
    float A[MAXC], B[MAXC], S[MAXC], Q[MAXC], U[MAXC], V[MAXC], W[MAXC]; int cg = C / G;
    for (int c = 0; c < C; c++) { int k = c / cg; A[c] = g[c] * rstd[n * G + k]; B[c] = b[c] - mean[n * G + k] * A[c]; }
    for (int c0 = 0; c0 < C; c0 += K) {
      float s[K] = {0}, q[K] = {0};
      const bf* r = xn + c0; const bf* e = dn + c0; bf* w = on + c0;
      for (int i = 0; i < HW; i++, r += C, e += C, w += C) for (int c = 0; c < K; c++) {
        float v = b2f(r[c]), d = b2f(e[c]);
        if (act) { float z = v * A[c0 + c] + B[c0 + c], t = sig(z); d *= t * (1.f + z * (1.f - t)); }
        s[c] += d; q[c] += d * v; w[c] = f2b(d);
      }
      memcpy(S + c0, s, sizeof s); memcpy(Q + c0, q, sizeof q);
    }
    for (int k = 0; k < G; k++) {
      float m = mean[n * G + k], r = rstd[n * G + k]; double a = 0, q = 0;
      for (int c = k * cg; c < (k + 1) * cg; c++) {
        float qx = (Q[c] - m * S[c]) * r; dg[(size_t)n * C + c] = qx; db[(size_t)n * C + c] = S[c]; a += g[c] * S[c]; q += g[c] * qx;
      }
      float M = (float)(HW) * cg; float am = (float)a / M, qm = (float)q / M;
      for (int c = k * cg; c < (k + 1) * cg; c++) { U[c] = r * g[c]; V[c] = -r * r * qm; W[c] = -r * am + r * r * qm * m; }
    }
    for (int i = 0; i < HW; i++) {
      const bf* r = xn + (size_t)i * C; bf* w = on + (size_t)i * C;
      for (int c = 0; c < C; c++) w[c] = f2b(U[c] * b2f(w[c]) + V[c] * b2f(r[c]) + W[c]);
    }
  }
}

// ---- RMSNorm(x) * w * (1 + scale[b]) : fp32 rows -> bf16 ------------------------------------
void rms_mod_fwd(const float* x, const float* w, const float* sc, bf* y, float* rs, int B, int S, int D, float eps) {
#pragma omp parallel for schedule(static)
  for (int b = 0; b < B; b++) {
    float m[MAXC];
    for (int d = 0; d < D; d++) m[d] = w[d] * (sc ? 1.f + sc[(size_t)b * D + d] : 1.f);
    for (int s = 0; s < S; s++) {
      const float* xi = x + ((size_t)b * S + s) * D; bf* yi = y + ((size_t)b * S + s) * D;
      float q = 0; for (int d = 0; d < D; d++) q += xi[d] * xi[d];
      float r = 1.f / sqrtf(q / D + eps); rs[(size_t)b * S + s] = r;
      for (int d = 0; d < D; d++) yi[d] = f2b(xi[d] * r * m[d]);
    }
  }
}
// dwp: B x D partial sums of dw, dsc: B x D (may be null)
void rms_mod_bwd(const float* x, const float* w, const float* sc, const bf* dy, const float* rs, float* dx, float* dwp, float* dsc, int B, int S, int D) {
#pragma omp parallel for schedule(static)
  for (int b = 0; b < B; b++) {
    float m[MAXC], acc[MAXC];
    for (int d = 0; d < D; d++) { m[d] = w[d] * (sc ? 1.f + sc[(size_t)b * D + d] : 1.f); acc[d] = 0; }
    for (int s = 0; s < S; s++) {
      size_t o = ((size_t)b * S + s) * D; float r = rs[(size_t)b * S + s], q = 0;
      for (int d = 0; d < D; d++) { float t = b2f(dy[o + d]); float u = x[o + d] * r; acc[d] += t * u; q += t * m[d] * u; }
      q /= D;
      for (int d = 0; d < D; d++) dx[o + d] = r * (b2f(dy[o + d]) * m[d] - x[o + d] * r * q);
    }
    for (int d = 0; d < D; d++) { size_t o = (size_t)b * D + d; dwp[o] = acc[d] * (sc ? 1.f + sc[o] : 1.f); if (dsc) dsc[o] = acc[d] * w[d]; }
  }
}
// ---- x + gate[b] * RMSNorm(y) * w : fp32 + bf16 -> fp32 -------------------------------------
void gate_res_fwd(const float* x, const bf* y, const float* w, const float* ga, float* o, float* rs, int B, int S, int D, float eps) {
#pragma omp parallel for schedule(static)
  for (int b = 0; b < B; b++) {
    float m[MAXC];
    for (int d = 0; d < D; d++) m[d] = w[d] * (ga ? ga[(size_t)b * D + d] : 1.f);
    for (int s = 0; s < S; s++) {
      size_t p = ((size_t)b * S + s) * D; float q = 0;
      for (int d = 0; d < D; d++) { float v = b2f(y[p + d]); q += v * v; }
      float r = 1.f / sqrtf(q / D + eps); rs[(size_t)b * S + s] = r;
      for (int d = 0; d < D; d++) o[p + d] = x[p + d] + b2f(y[p + d]) * r * m[d];
    }
  }
}
void gate_res_bwd(const float* dout, const bf* y, const float* w, const float* ga, const float* rs, bf* dy, float* dwp, float* dga, int B, int S, int D) {
#pragma omp parallel for schedule(static)
  for (int b = 0; b < B; b++) {
    float m[MAXC], acc[MAXC];
    for (int d = 0; d < D; d++) { m[d] = w[d] * (ga ? ga[(size_t)b * D + d] : 1.f); acc[d] = 0; }
    for (int s = 0; s < S; s++) {
      size_t p = ((size_t)b * S + s) * D; float r = rs[(size_t)b * S + s], q = 0;
      for (int d = 0; d < D; d++) { float u = b2f(y[p + d]) * r, t = dout[p + d]; acc[d] += t * u; q += t * m[d] * u; }
      q /= D;
      for (int d = 0; d < D; d++) { float u = b2f(y[p + d]) * r; dy[p + d] = f2b(r * (dout[p + d] * m[d] - u * q)); }
    }
    for (int d = 0; d < D; d++) { size_t o = (size_t)b * D + d; dwp[o] = acc[d] * (ga ? ga[o] : 1.f); if (dga) dga[o] = acc[d] * w[d]; }
  }
}
// ---- silu(a) * c with ac = [T, 2H] ----------------------------------------------------------
static inline void swiglu_row(const bf* restrict a, const bf* restrict c, bf* restrict o, int H) {
  for (int i = 0; i < H; i++) o[i] = f2b(b2f(a[i]) * sig(b2f(a[i])) * b2f(c[i]));
}
void swiglu_fwd(const bf* ac, bf* y, int T, int H) {
#pragma omp parallel for schedule(static)
  for (int t = 0; t < T; t++) swiglu_row(ac + (size_t)t * 2 * H, ac + (size_t)t * 2 * H + H, y + (size_t)t * H, H);
}
static inline void swiglu_grad(const bf* restrict a, const bf* restrict c, const bf* restrict g, bf* restrict da, bf* restrict dc, int H) {
  for (int i = 0; i < H; i++) {
    float v = b2f(a[i]), s = sig(v), d = b2f(g[i]);
    dc[i] = f2b(d * v * s); da[i] = f2b(d * b2f(c[i]) * s * (1.f + v * (1.f - s)));
  }
}
void swiglu_bwd(const bf* ac, const bf* dy, bf* dac, int T, int H) {
#pragma omp parallel for schedule(static)
  for (int t = 0; t < T; t++) swiglu_grad(ac + (size_t)t * 2 * H, ac + (size_t)t * 2 * H + H, dy + (size_t)t * H, dac + (size_t)t * 2 * H, dac + (size_t)t * 2 * H + H, H);
}
// ---- split qkv, per-head RMSNorm, rotary --------------------------------------------------
// qkv: B x S x (Hq+2Hk)*E ; q: B x Hq x S x E ; k,v: B x Hk x S x E ; cs,sn: S x E/2 ; half=1: rotate-half pairing, 0: interleaved
static inline void rot(float* t, const float* c, const float* s, int E, int half) {
  float o[256]; int h = E / 2;
  if (half) for (int i = 0; i < h; i++) { o[i] = t[i] * c[i] - t[i + h] * s[i]; o[i + h] = t[i + h] * c[i] + t[i] * s[i]; }
  else for (int i = 0; i < h; i++) { float a = t[2 * i], b = t[2 * i + 1]; o[2 * i] = a * c[i] - b * s[i]; o[2 * i + 1] = a * s[i] + b * c[i]; }
  memcpy(t, o, E * 4);
}
static inline void unrot(float* t, const float* c, const float* s, int E, int half) {
  float o[256]; int h = E / 2;
  if (half) for (int i = 0; i < h; i++) { o[i] = t[i] * c[i] + t[i + h] * s[i]; o[i + h] = t[i + h] * c[i] - t[i] * s[i]; }
  else for (int i = 0; i < h; i++) { float a = t[2 * i], b = t[2 * i + 1]; o[2 * i] = a * c[i] + b * s[i]; o[2 * i + 1] = -a * s[i] + b * c[i]; }
  memcpy(t, o, E * 4);
}
void qkv_fwd(const bf* qkv, bf* q, bf* k, bf* v, const float* wq, const float* wk, const float* cs, const float* sn, int B, int S, int Hq, int Hk, int E, float eps, int half) {
  int W = (Hq + 2 * Hk) * E;
#pragma omp parallel for schedule(static)
  for (int b = 0; b < B; b++) for (int s = 0; s < S; s++) {
    const bf* r = qkv + ((size_t)b * S + s) * W; float t[256];
    for (int h = 0; h < Hq + Hk; h++) {
      int isq = h < Hq; const float* w = isq ? wq : wk; float z = 0;
      for (int i = 0; i < E; i++) { t[i] = b2f(r[h * E + i]); z += t[i] * t[i]; }
      z = 1.f / sqrtf(z / E + eps);
      for (int i = 0; i < E; i++) t[i] *= z * w[i];
      rot(t, cs + (size_t)s * E / 2, sn + (size_t)s * E / 2, E, half);
      bf* o = isq ? q + (((size_t)b * Hq + h) * S + s) * E : k + (((size_t)b * Hk + h - Hq) * S + s) * E;
      for (int i = 0; i < E; i++) o[i] = f2b(t[i]);
    }
    for (int h = 0; h < Hk; h++) memcpy(v + (((size_t)b * Hk + h) * S + s) * E, r + (Hq + Hk + h) * E, E * sizeof(bf));
  }
}
// dwq, dwk: B x E partial sums
void qkv_bwd(const bf* qkv, const bf* dq, const bf* dk, const bf* dv, bf* dqkv, const float* wq, const float* wk, const float* cs, const float* sn, float* dwq, float* dwk, int B, int S, int Hq, int Hk, int E, float eps, int half) {
  int W = (Hq + 2 * Hk) * E;
#pragma omp parallel for schedule(static)
  for (int b = 0; b < B; b++) {
    float aq[256], ak[256]; for (int i = 0; i < E; i++) aq[i] = ak[i] = 0;
    for (int s = 0; s < S; s++) {
      const bf* r = qkv + ((size_t)b * S + s) * W; bf* dr = dqkv + ((size_t)b * S + s) * W; float t[256], u[256];
      for (int h = 0; h < Hq + Hk; h++) {
        int isq = h < Hq; const float* w = isq ? wq : wk; float* acc = isq ? aq : ak;
        const bf* d = isq ? dq + (((size_t)b * Hq + h) * S + s) * E : dk + (((size_t)b * Hk + h - Hq) * S + s) * E;
        float z = 0, p = 0;
        for (int i = 0; i < E; i++) { t[i] = b2f(r[h * E + i]); z += t[i] * t[i]; u[i] = b2f(d[i]); }
        z = 1.f / sqrtf(z / E + eps);
        unrot(u, cs + (size_t)s * E / 2, sn + (size_t)s * E / 2, E, half);
        for (int i = 0; i < E; i++) { t[i] *= z; acc[i] += u[i] * t[i]; u[i] *= w[i]; p += u[i] * t[i]; }
        p /= E;
        for (int i = 0; i < E; i++) dr[h * E + i] = f2b(z * (u[i] - t[i] * p));
      }
      for (int h = 0; h < Hk; h++) memcpy(dr + (Hq + Hk + h) * E, dv + (((size_t)b * Hk + h) * S + s) * E, E * sizeof(bf));
    }
    memcpy(dwq + (size_t)b * E, aq, E * 4); memcpy(dwk + (size_t)b * E, ak, E * 4);
  }
}
// ---- softmax over the last axis, in place, logits scaled by sc; causal: row index modulo S ----
void softmax_fwd(bf* p, int R, int S, float sc, int causal) {
#pragma omp parallel for schedule(static)
  for (int r = 0; r < R; r++) {
    bf* x = p + (size_t)r * S; int n = causal ? (r % S) + 1 : S; float t[4096], m = -1e30f, z = 0;
    for (int i = 0; i < n; i++) { t[i] = b2f(x[i]) * sc; m = t[i] > m ? t[i] : m; }
    for (int i = 0; i < n; i++) { t[i] = expf(t[i] - m); z += t[i]; }
    z = 1.f / z;
    for (int i = 0; i < n; i++) x[i] = f2b(t[i] * z);
    for (int i = n; i < S; i++) x[i] = 0;
  }
}
void softmax_bwd(const bf* p, bf* d, int R, int S, float sc) {
#pragma omp parallel for schedule(static)
  for (int r = 0; r < R; r++) {
    const bf* x = p + (size_t)r * S; bf* g = d + (size_t)r * S; float z = 0;
    for (int i = 0; i < S; i++) z += b2f(x[i]) * b2f(g[i]);
    for (int i = 0; i < S; i++) g[i] = f2b(b2f(x[i]) * (b2f(g[i]) - z) * sc);
  }
}
// [B,H,S,E] -> [B,S,H*E] and back
void heads_merge(const bf* x, bf* y, int B, int H, int S, int E, int inv) {
#pragma omp parallel for schedule(static)
  for (int b = 0; b < B; b++) for (int h = 0; h < H; h++) for (int s = 0; s < S; s++) {
    size_t i = (((size_t)b * H + h) * S + s) * E, j = (((size_t)b * S + s) * H + h) * E;
    if (inv) memcpy(y + i, x + j, E * sizeof(bf)); else memcpy(y + j, x + i, E * sizeof(bf));
  }
}
