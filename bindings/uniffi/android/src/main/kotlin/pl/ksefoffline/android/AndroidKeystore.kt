package pl.ksefoffline.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.PublicKey
import java.security.spec.ECGenParameterSpec
import pl.ksefoffline.JavaSigningKey
import pl.ksefoffline.Signer

/** Keys that never leave the secure hardware of the phone. */
object AndroidKeystore {
    private const val PROVIDER = "AndroidKeyStore"

    /** Makes a P-256 key under [alias] and gives its public half, for the request for a KSeF certificate. */
    fun makeKey(alias: String): PublicKey =
        KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, PROVIDER).run {
            initialize(
                KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
                    .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
                    .setDigests(KeyProperties.DIGEST_SHA256)
                    .build(),
            )
            generateKeyPair().public
        }

    /**
     * Signs with the key under [alias], whose KSeF certificate of type Offline is [certificate] (PEM or DER).
     *
     * The store's keys are no `ECKey`: [JavaSigningKey] knows them by the name of their algorithm.
     */
    fun signer(alias: String, certificate: ByteArray): Signer {
        val key = KeyStore.getInstance(PROVIDER).apply { load(null) }.getKey(alias, null)
        return Signer.foreign(certificate, JavaSigningKey(requireNotNull(key as? PrivateKey) { "no key $alias" }))
    }
}
