package pl.ksefoffline

import java.security.KeyPairGenerator
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.security.spec.MGF1ParameterSpec
import java.security.spec.PSSParameterSpec
import java.util.Base64
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Keys of `java.security` sign; Java's own verifier and the library judge. */
class SignerTest {
    private val invoice = Repository.fresh()
    private val certificate = Repository.key("p256-offline.crt")
    private val key = JavaSigningKey(Repository.javaKey(Repository.key("p256-pkcs8.pem"), "EC"))

    @Test
    fun `code two by a key of Java holds for Java and for the library`() {
        val code = codeBy(key)
        val signature = Base64.getUrlDecoder().decode(code.link.substringAfterLast('/'))
        assertEquals(64, signature.size)
        val verifier = Signature.getInstance("SHA256withECDSAinP1363Format")
        verifier.initVerify(Repository.certificate("p256-offline.crt").publicKey)
        verifier.update(code.link.removePrefix("https://").substringBeforeLast('/').toByteArray())
        assertTrue(verifier.verify(signature))
        assertTrue(holds(code.link))
    }

    @Test
    fun `a signature by a key of Java holds`() {
        Signer.foreign(certificate, key).use { signer ->
            val signature = signInvoice(invoice, signer, Packaging.DETACHED, "invoice.xml")
            assertTrue(verifySignature(signature, SignedEvidenceOptions(invoice = invoice)).valid)
            invoice[invoice.size / 2] = (invoice[invoice.size / 2] + 1).toByte()
            assertFalse(verifySignature(signature, SignedEvidenceOptions(invoice = invoice)).valid)
        }
    }

    @Test
    fun `RSA signs by every algorithm`() {
        val pair = KeyPairGenerator.getInstance("RSA").apply { initialize(2048) }.generateKeyPair()
        val text = "text".toByteArray()
        for (algorithm in SignatureAlgorithm.entries.filter { it.name.startsWith("RSA") }) {
            val hash = algorithm.name.substringAfterLast("SHA")
            val verifier = if ("PSS" in algorithm.name) {
                Signature.getInstance("RSASSA-PSS").apply {
                    val digest = "SHA-$hash"
                    setParameter(PSSParameterSpec(digest, "MGF1", MGF1ParameterSpec(digest), hash.toInt() / 8, 1))
                }
            } else {
                Signature.getInstance("SHA${hash}withRSA")
            }
            verifier.initVerify(pair.public)
            verifier.update(text)
            assertTrue(verifier.verify(JavaSigningKey(pair.private).sign(algorithm, text)), algorithm.name)
        }
    }

    @Test
    fun `every curve and hash gives r and s of fixed width, thousands of times`() {
        for ((curve, width) in listOf("secp256r1" to 32, "secp384r1" to 48)) {
            val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec(curve)) }.generateKeyPair()
            // Short numbers come once in 256 signatures.
            repeat(1000) { round ->
                val text = "text $round".toByteArray()
                val signature = JavaSigningKey(pair.private).sign(SignatureAlgorithm.ECDSA_SHA256, text)
                assertEquals(2 * width, signature.size)
                val verifier = Signature.getInstance("SHA256withECDSAinP1363Format")
                verifier.initVerify(pair.public)
                verifier.update(text)
                assertTrue(verifier.verify(signature))
            }
        }
    }

    @Test
    fun `short and long numbers of DER are padded, and what is no DER is refused`() {
        fun bytes(vararg values: Int) = ByteArray(values.size) { values[it].toByte() }
        assertArrayEquals(bytes(0, 1, 0x80, 2), JavaSigningKey.joined(bytes(0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 2), 2))
        for (broken in listOf(
            bytes(), bytes(0x30), bytes(0x31, 6, 2, 1, 1, 2, 1, 1), bytes(0x30, 7, 2, 1, 1, 2, 1, 1),
            bytes(0x30, 6, 2, 1, 1, 2, 1, 1, 0), bytes(0x30, 8, 2, 1, 1, 2, 3, 1, 1, 1),
        )) {
            assertThrows(SigningFault.Failed::class.java) { JavaSigningKey.joined(broken, 2) }
        }
    }

    @Test
    fun `what a key says arrives, and whatever else it throws counts as failed`() {
        for ((thrown, code) in listOf(
            SigningFault.Missing("card taken out") to "signer-device-missing",
            SigningFault.PinRefused("card taken out") to "signer-pin-refused",
            SigningFault.Failed("card taken out") to "signer-failed",
            IllegalStateException("card taken out") to "signer-failed",
        )) {
            val refused = assertThrows(KsefOfflineException.Refused::class.java) {
                codeBy(signing { _ -> throw thrown })
            }
            assertEquals(code, refused.code)
            assertTrue("card taken out" in refused.english)
        }
        val wrong = assertThrows(KsefOfflineException.Refused::class.java) { codeBy(signing { ByteArray(64) { 7 } }) }
        assertEquals("signer-signature-does-not-verify", wrong.code)
    }

    @Test
    fun `a key that blocks holds up nobody else`() {
        val asked = CountDownLatch(1)
        val goOn = CountDownLatch(1)
        val blocked = signing { bytes ->
            asked.countDown()
            check(goOn.await(30, TimeUnit.SECONDS))
            key.sign(SignatureAlgorithm.ECDSA_SHA256, bytes)
        }
        var late: Code? = null
        val waiting = thread { late = codeBy(blocked) }
        assertTrue(asked.await(30, TimeUnit.SECONDS))
        assertTrue(holds(codeBy(key).link))
        goOn.countDown()
        waiting.join(30_000)
        assertTrue(holds(late!!.link))
    }

    @Test
    fun `objects made here are freed on any thread, once`() {
        val signers = List(64) { Signer.foreign(certificate, key) }
        signers.chunked(16).map { some -> thread { some.forEach { it.close(); it.close() } } }.forEach { it.join() }
        assertThrows(IllegalStateException::class.java) { signers.first().certificate() }
    }

    private fun signing(how: (ByteArray) -> ByteArray) = object : SigningKey {
        override fun sign(algorithm: SignatureAlgorithm, bytes: ByteArray): ByteArray = how(bytes)
    }

    private fun codeBy(key: SigningKey): Code =
        Signer.foreign(certificate, key).use { codeTwo(Environment.TEST, invoice, it, ContextOptions()) }

    private fun holds(link: String) =
        verifyCode(link, CodeEvidenceOptions(invoice = invoice, certificate = certificate)).valid
}
