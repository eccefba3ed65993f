package pl.ksefoffline

import java.nio.file.Files
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS

/** Signatures and codes without end leave no memory behind. `-Dissues=10000` makes it long. */
class LeakTest {
    private val certificate = Repository.key("p256-offline.crt")
    private val key = JavaSigningKey(Repository.javaKey(Repository.key("p256-pkcs8.pem"), "EC"))

    @Test
    @EnabledOnOs(OS.LINUX)
    fun `memory stands still while invoices are signed`() {
        val rounds = Integer.getInteger("issues", 2000)
        val invoice = Repository.fresh()
        // The heap of the JVM and its compiled code grow first.
        repeat(rounds / 2) { once(invoice) }
        // A leak grows in every stretch; compilers and allocators of the JVM take or give back some MB in one or another.
        val grown = List(STRETCHES) { growth(rounds, invoice) }.sorted()
        // One lost invoice or signature of some 6 KiB a round would be far above, the noise of the JVM is below.
        assertTrue(grown[STRETCHES / 2] < rounds * 2L * 1024 + NOISE, "$grown bytes more after $rounds invoices each")
    }

    private fun growth(rounds: Int, invoice: ByteArray): Long {
        val before = resident()
        repeat(rounds) { once(invoice) }
        val grown = resident() - before
        println("resident memory after $rounds more invoices: ${grown / 1024} KiB more, of ${before / 1024} KiB")
        return grown
    }

    private fun once(invoice: ByteArray) {
        Signer.foreign(certificate, key).use { signer ->
            codeTwo(Environment.TEST, invoice, signer, ContextOptions())
            signInvoice(invoice, signer, Packaging.DETACHED, "invoice.xml")
        }
    }

    private fun resident(): Long {
        repeat(3) {
            System.gc()
            Thread.sleep(50)
        }
        val line = Files.readAllLines(Path.of("/proc/self/status")).first { it.startsWith("VmRSS:") }
        return line.filter { it.isDigit() }.toLong() * 1024
    }

    private companion object {
        const val STRETCHES = 3
        const val NOISE = 6L * 1024 * 1024
    }
}
