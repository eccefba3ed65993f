//! The closed lists of FA(3).

numbers! {
    /// Standing of a taxpayer (`TStatusInfoPodatnika`).
    pub enum TaxpayerStatus {
        /// 1: in liquidation.
        Liquidation = 1,
        /// 2: in restructuring proceedings.
        Restructuring = 2,
        /// 3: bankrupt.
        Bankruptcy = 3,
        /// 4: an enterprise in inheritance.
        Inheritance = 4,
    }
}

numbers! {
    /// By which authority somebody issues for the seller (`TRolaPodmiotuUpowaznionego`).
    pub enum AuthorisedRole {
        /// 1: enforcement authority (art. 106c pkt 1).
        EnforcementAuthority = 1,
        /// 2: bailiff (art. 106c pkt 2).
        Bailiff = 2,
        /// 3: tax representative (art. 18a–18d).
        TaxRepresentative = 3,
    }
}

numbers! {
    /// When a correction takes effect in the VAT records (`TTypKorekty`).
    pub enum CorrectionEffect {
        /// 1: on the date of the original invoice.
        OriginalDate = 1,
        /// 2: on the date of the correcting invoice.
        CorrectionDate = 2,
        /// 3: on another date, or on several.
        OtherDate = 3,
    }
}

numbers! {
    /// Accounts of banks for their own business (`TRachunekWlasnyBanku`).
    pub enum BankOwnAccount {
        /// 1: for settling purchased receivables.
        PurchasedReceivables = 1,
        /// 2: for collecting from a buyer and handing on to the supplier.
        Collection = 2,
        /// 3: of the bank's own economy.
        OwnEconomy = 3,
    }
}

codes! {
    /// Rate of tax (`TStawkaPodatku`).
    pub enum VatRate {
        /// `23`: basic rate.
        Percent23 = "23",
        /// `22`: basic rate.
        Percent22 = "22",
        /// `8`: first reduced rate.
        Percent8 = "8",
        /// `7`: first reduced rate.
        Percent7 = "7",
        /// `5`: second reduced rate.
        Percent5 = "5",
        /// `4`: flat rate for taxis.
        Percent4 = "4",
        /// `3`: flat rate for taxis.
        Percent3 = "3",
        /// `0 KR`: zero within the country.
        ZeroDomestic = "0 KR",
        /// `0 WDT`: zero, supply within the Union.
        ZeroIntraCommunity = "0 WDT",
        /// `0 EX`: zero, export.
        ZeroExport = "0 EX",
        /// `zw`: exempt.
        Exempt = "zw",
        /// `oo`: reverse charge within the country.
        ReverseCharge = "oo",
        /// `np I`: not taxed here, supply outside the country.
        OutsideCountry = "np I",
        /// `np II`: not taxed here, services of art. 100 ust. 1 pkt 4.
        EuServices = "np II",
    }
}

codes! {
    /// Group of goods and services for the VAT record (`TGTU`; § 10 ust. 3 of the regulation on JPK_VAT).
    pub enum Gtu {
        /// `GTU_01`: alcohol.
        Gtu01 = "GTU_01",
        /// `GTU_02`: fuel.
        Gtu02 = "GTU_02",
        /// `GTU_03`: heating oil and lubricants.
        Gtu03 = "GTU_03",
        /// `GTU_04`: tobacco.
        Gtu04 = "GTU_04",
        /// `GTU_05`: waste.
        Gtu05 = "GTU_05",
        /// `GTU_06`: electronic devices and foils.
        Gtu06 = "GTU_06",
        /// `GTU_07`: vehicles and parts.
        Gtu07 = "GTU_07",
        /// `GTU_08`: precious and base metals.
        Gtu08 = "GTU_08",
        /// `GTU_09`: medicines.
        Gtu09 = "GTU_09",
        /// `GTU_10`: buildings and land.
        Gtu10 = "GTU_10",
        /// `GTU_11`: emission allowances.
        Gtu11 = "GTU_11",
        /// `GTU_12`: intangible services.
        Gtu12 = "GTU_12",
        /// `GTU_13`: transport and storage.
        Gtu13 = "GTU_13",
    }
}

codes! {
    /// Special procedure of a line (`TOznaczenieProcedury`; § 10 ust. 4 of the regulation on JPK_VAT).
    pub enum Procedure {
        /// `WSTO_EE`: distance sales within the Union and electronic services.
        WstoEe = "WSTO_EE",
        /// `IED`: deliveries eased by an electronic interface.
        Ied = "IED",
        /// `TT_D`: second taxpayer of a triangular transaction.
        TtD = "TT_D",
        /// `I_42`: supply after import under procedure 42.
        I42 = "I_42",
        /// `I_63`: supply after import under procedure 63.
        I63 = "I_63",
        /// `B_SPV`: transfer of a single-purpose voucher.
        BSpv = "B_SPV",
        /// `B_SPV_DOSTAWA`: supply for a single-purpose voucher.
        BSpvDelivery = "B_SPV_DOSTAWA",
        /// `B_MPV_PROWIZJA`: brokerage of multi-purpose vouchers.
        BMpvCommission = "B_MPV_PROWIZJA",
    }
}

codes! {
    /// Special procedure of an ordered line (`TOznaczenieProceduryZ`).
    pub enum OrderProcedure {
        /// `WSTO_EE`: distance sales within the Union and electronic services.
        WstoEe = "WSTO_EE",
        /// `IED`: deliveries eased by an electronic interface.
        Ied = "IED",
        /// `TT_D`: second taxpayer of a triangular transaction.
        TtD = "TT_D",
        /// `B_SPV`: transfer of a single-purpose voucher.
        BSpv = "B_SPV",
        /// `B_SPV_DOSTAWA`: supply for a single-purpose voucher.
        BSpvDelivery = "B_SPV_DOSTAWA",
        /// `B_MPV_PROWIZJA`: brokerage of multi-purpose vouchers.
        BMpvCommission = "B_MPV_PROWIZJA",
    }
}
