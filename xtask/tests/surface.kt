package pl.ksefoffline

data class Info (
    var `serialNumber`: kotlin.String?
    , 
    var `validTo`: kotlin.String
    
){
    companion object
}

data class ReadOptions (
    var `deep`: kotlin.Boolean = false 
    
)
{
    companion object
}

enum class Colour {
    BLUE,
    RED_HOT,
    GREEN2;
    companion object
}

public interface DeskInterface {
    
    fun `home`(): kotlin.String
    
    suspend fun `wait`(`cancel`: CancelToken?)
    
    companion object
}

open class Desk: Disposable, AutoCloseable, DeskInterface
{
    override fun `home`(): kotlin.String {
        uniffi {
}
    }
    companion object {
    @Throws(KsefOfflineException::class) fun `fromFile`(`file`: kotlin.String): Desk {
    }
    }
}

public object FfiConverterTypeDesk: FfiConverter<Desk, Long> {
    override fun lower(value: Desk): Long = 0
}

    @Throws(KsefOfflineException::class) fun `readInfo`(`certificate`: kotlin.ByteArray, `options`: ReadOptions): Info {
    }

        /**
         * The version, which is fun to know.
         */ fun `version`(): kotlin.String {
    }
