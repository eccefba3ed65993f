package pl.ksefoffline

import java.security.GeneralSecurityException
import java.security.InvalidKeyException
import java.security.PrivateKey
import java.security.Provider
import java.security.Signature
import java.security.interfaces.ECKey
import java.security.spec.MGF1ParameterSpec
import java.security.spec.PSSParameterSpec

/**
 * A key of `java.security`: from a `KeyStore`, a PKCS#11 provider, or the keystore of Android.
 *
 * Signs with ECDSA and RSA. The key itself never enters the library. A key that is locked or was deleted is
 * [SigningFault.Missing], everything else [SigningFault.Failed].
 *
 * @param key the private key, or a handle to it
 * @param provider the provider that signs; `null` lets Java choose by the key
 */
class JavaSigningKey(
    private val key: PrivateKey,
    private val provider: Provider? = null,
) : SigningKey {
    override fun sign(algorithm: SignatureAlgorithm, bytes: ByteArray): ByteArray {
        val signature = try {
            signer(algorithm).run {
                initSign(key)
                update(bytes)
                sign()
            }
        } catch (gone: InvalidKeyException) {
            throw SigningFault.Missing("the key cannot be used: ${gone.javaClass.simpleName}")
        } catch (failed: GeneralSecurityException) {
            throw SigningFault.Failed("signing failed: ${failed.javaClass.simpleName}")
        }
        return if (key is ECKey || key.algorithm == "EC") joined(signature, width(algorithm)) else signature
    }

    private fun signer(algorithm: SignatureAlgorithm): Signature = when (algorithm) {
        SignatureAlgorithm.RSA_PKCS1_SHA256 -> named("SHA256withRSA")
        SignatureAlgorithm.RSA_PKCS1_SHA384 -> named("SHA384withRSA")
        SignatureAlgorithm.RSA_PKCS1_SHA512 -> named("SHA512withRSA")
        SignatureAlgorithm.RSA_PSS_SHA256 -> pss("SHA-256", 32)
        SignatureAlgorithm.RSA_PSS_SHA384 -> pss("SHA-384", 48)
        SignatureAlgorithm.RSA_PSS_SHA512 -> pss("SHA-512", 64)
        // DER from every provider there is; the name for r||s is unknown to Android.
        SignatureAlgorithm.ECDSA_SHA256 -> named("SHA256withECDSA")
        SignatureAlgorithm.ECDSA_SHA384 -> named("SHA384withECDSA")
        SignatureAlgorithm.ECDSA_SHA512 -> named("SHA512withECDSA")
    }

    private fun named(name: String): Signature =
        if (provider == null) Signature.getInstance(name) else Signature.getInstance(name, provider)

    private fun pss(hash: String, salt: Int): Signature =
        named("RSASSA-PSS").apply {
            setParameter(PSSParameterSpec(hash, "MGF1", MGF1ParameterSpec(hash), salt, 1))
        }

    /** Bytes of a coordinate of the key's curve; for a handle that does not tell its curve, of the usual one. */
    private fun width(algorithm: SignatureAlgorithm): Int =
        (key as? ECKey)?.params?.let { (it.order.bitLength() + 7) / 8 }
            ?: if (algorithm == SignatureAlgorithm.ECDSA_SHA384) 48 else 32

    internal companion object {
        /** `SEQUENCE { INTEGER r, INTEGER s }` as `r||s`, each of [width] bytes. */
        internal fun joined(der: ByteArray, width: Int): ByteArray {
            val reader = DerReader(der)
            reader.header(SEQUENCE)
            val joined = ByteArray(2 * width)
            repeat(2) { place -> reader.integer().padInto(joined, place * width, width) }
            reader.end()
            return joined
        }

        private fun ByteArray.padInto(target: ByteArray, start: Int, width: Int) {
            val digits = dropWhile { it == 0.toByte() }.toByteArray()
            if (digits.size > width) throw SigningFault.Failed("the signature does not fit its curve")
            digits.copyInto(target, start + width - digits.size)
        }

        internal const val SEQUENCE = 0x30
        internal const val INTEGER = 0x02
    }
}

/** As much of DER as an ECDSA signature is made of. */
private class DerReader(private val der: ByteArray) {
    private var at = 0

    fun header(tag: Int): Int {
        if (byte() != tag) malformed()
        val first = byte()
        return when {
            first < 0x80 -> first
            first == 0x81 -> byte()
            else -> malformed()
        }.also { if (it > der.size - at) malformed() }
    }

    fun integer(): ByteArray {
        val length = header(JavaSigningKey.INTEGER)
        at += length
        return der.copyOfRange(at - length, at)
    }

    fun end() {
        if (at != der.size) malformed()
    }

    private fun byte(): Int = if (at < der.size) der[at++].toInt() and 0xff else malformed()

    private fun malformed(): Nothing = throw SigningFault.Failed("the provider gave a signature that is not DER")
}
