package pl.ksefoffline

import java.nio.file.Path
import java.util.concurrent.CopyOnWriteArrayList
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** An offline day from the failure to the receipts, in coroutines, signed by a key of Java. */
class OfflineDayTest {
    @TempDir
    lateinit var folder: Path
    private lateinit var simulator: Simulator
    private lateinit var desk: Desk

    @BeforeEach
    fun open() {
        simulator = Simulator(folder.resolve("simulator"))
        val (certificate, key) = simulator.certificate("offline")
        val signer = Signer.foreign(certificate, JavaSigningKey(Repository.javaKey(key, "EC")))
        desk = Desk(simulator.home(folder.resolve("home")), DeskOptions(signer = signer))
    }

    @AfterEach
    fun close() {
        desk.close()
        simulator.close()
    }

    @Test
    fun `invoices of a failure are signed, sent and receipted when KSeF is back`(): Unit = runBlocking {
        assertEquals(IssueMode.ONLINE, desk.check(null).mode)
        simulator.down("failure")
        val found = desk.check(null)
        assertFalse(found.ksefReachable)
        assertEquals(IssueMode.EMERGENCY, found.mode)

        val documents = List(3) { Repository.fresh() }
        val report = desk.issue(documents.mapIndexed { place, bytes -> IssueFile("$place.xml", bytes) }, IssueOptions(), null)
        assertEquals(emptyList<FailedFile>(), report.failed)
        report.issued.zip(documents).forEach { (invoice, bytes) ->
            assertEquals(InvoiceStatus.SIGNED, invoice.status)
            assertArrayEquals(bytes, desk.document(invoice.id))
        }
        val unreachable = runCatching { desk.send(SendOptions(), null, null) }.exceptionOrNull()
        assertEquals("ksef-unreachable", (unreachable as KsefOfflineException.Refused).code)

        simulator.up()
        val told = CopyOnWriteArrayList<ProgressStage>()
        val listener = object : ProgressListener {
            override fun progressed(progress: Progress) {
                told.add(progress.stage)
            }
        }
        val sent = withTimeout(120_000) { desk.send(SendOptions(), listener, null) }
        assertEquals(3, sent.sent.toInt())
        assertEquals(ProgressStage.PACKING, told.first())
        for (invoice in report.issued) {
            val receipt = desk.receipt(invoice.id)
            assertTrue(verifyReceipt(receipt, SignedEvidenceOptions(invoice = desk.document(invoice.id))).valid)
            assertEquals(InvoiceStatus.SENT, desk.history(invoice.id).last().status)
        }
    }

    @Test
    fun `a token ends a call, and the next call goes on from there`(): Unit = runBlocking {
        simulator.delayProcessing(3)
        desk.issue(List(2) { IssueFile("$it.xml", Repository.fresh()) }, IssueOptions(mode = IssueMode.OFFLINE24), null)
        val processing = CompletableDeferred<Unit>()
        val listener = object : ProgressListener {
            override fun progressed(progress: Progress) {
                if (progress.stage == ProgressStage.PROCESSING) processing.complete(Unit)
            }
        }
        CancelToken().use { token ->
            val sending = async(Dispatchers.Default) { runCatching { desk.send(SendOptions(), listener, token) } }
            withTimeout(30_000) { processing.await() }
            token.cancel()
            val ended = withTimeout(30_000) { sending.await() }.exceptionOrNull()
            assertEquals("interrupted", (ended as KsefOfflineException.Refused).code)
        }
        assertEquals(2, desk.list(ListOptions()).counts.processing.toInt())
        simulator.delayProcessing(0)
        val report = withTimeout(120_000) { desk.send(SendOptions(), null, null) }
        assertEquals(2, report.sent.toInt())
        assertEquals(1, report.sessions.size)
    }
}
